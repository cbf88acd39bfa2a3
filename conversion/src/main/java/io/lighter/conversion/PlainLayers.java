package io.lighter.conversion;

import io.lighter.oci.Descriptor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The layers of one image before anything is laid out first in them, lowest first. The first that
 * cannot be lazy keeps those above it from being so: clients download them with it.
 *
 * <p>Each TOC is read once and held until the image is done, for those who look into the layers.
 * Not thread-safe.
 */
public final class PlainLayers {

  /** Entries whose TOCs are held for one image: about 200 MB of memory. */
  public static final int MAX_ENTRIES = 250_000;

  private final LayerStack stack = new LayerStack();
  private final List<PlainLayer> layers = new ArrayList<>();
  private final int maxEntries;
  private int entries;
  private boolean lazy = true;

  /** What a layer is by itself. */
  @FunctionalInterface
  public interface Conversion {
    /** Converts a layer, or finds out that it need not or cannot be. */
    PlainLayer of(Descriptor layer) throws IOException;
  }

  /** An image without layers. */
  public PlainLayers() {
    this(MAX_ENTRIES);
  }

  PlainLayers(int maxEntries) {
    this.maxEntries = maxEntries;
  }

  /**
   * Puts a layer on those that are there.
   *
   * @param conversion asked only if the layer can be lazy on those below it
   * @return why it stays as it is, if it is the lowest that does
   * @throws IOException that of the conversion
   */
  public Optional<String> add(Descriptor layer, Conversion conversion) throws IOException {
    if (!lazy) {
      layers.add(PlainLayer.kept(layer, "a layer below it stays as it is"));
      return Optional.empty();
    }
    PlainLayer found = onTop(conversion.of(layer));
    layers.add(found);
    lazy = found.outcome().lazy();
    return found.outcome() instanceof LayerOutcome.Kept(String reason)
        ? Optional.of(reason)
        : Optional.empty();
  }

  /** A layer that is lazy by itself may not be so on those below it. */
  private PlainLayer onTop(PlainLayer layer) {
    Optional<String> difference = layer.content().map(EStargz::toc).flatMap(stack::add);
    if (difference.isPresent()) {
      return PlainLayer.kept(layer.source(), difference.get());
    }
    int more = layer.content().map(content -> content.toc().entries().size()).orElse(0);
    if (more > maxEntries - entries) {
      return layer.withoutContent();
    }
    entries += more;
    return layer;
  }

  /** All layers, lowest first. */
  public List<PlainLayer> all() {
    return List.copyOf(layers);
  }

  /** Whether every layer is lazy as it came, so that the image is, too. */
  public boolean asTheyCame() {
    return layers.stream()
        .map(PlainLayer::outcome)
        .allMatch(LayerOutcome.PassedThrough.class::isInstance);
  }
}
