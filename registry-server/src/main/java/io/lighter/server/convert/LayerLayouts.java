package io.lighter.server.convert;

import io.lighter.conversion.ConversionException;
import io.lighter.conversion.ConversionLimits;
import io.lighter.conversion.EStargz;
import io.lighter.conversion.LayerConverter;
import io.lighter.conversion.LayerLayout;
import io.lighter.conversion.LayerOutcome;
import io.lighter.conversion.LayerTooLargeException;
import io.lighter.conversion.PlainLayer;
import io.lighter.conversion.Prefetch;
import io.lighter.conversion.PrefetchList;
import io.lighter.oci.Digest;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.storage.BlobSource;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.LayerConversion;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Layers that are eStargz, laid out anew with the files of a list in front. Each is laid out once
 * for a list: results are kept as those of conversions are, by the layer as it came, and so are
 * lists that are different and mean the same in a layer.
 *
 * <p>Thread-safe. Takes seconds for large layers and belongs on the conversion threads.
 */
public final class LayerLayouts {
  private static final Logger LOG = LoggerFactory.getLogger(LayerLayouts.class);

  private final LayerBlobs blobs;
  private final ConversionStore results;
  private final LayerConverter converter;
  private final ConversionLimits limits;
  private final RegistryMetrics metrics;

  public LayerLayouts(
      LayerBlobs blobs,
      ConversionStore results,
      LayerConverter converter,
      ConversionLimits limits,
      RegistryMetrics metrics) {
    this.blobs = blobs;
    this.results = results;
    this.converter = converter;
    this.limits = limits;
    this.metrics = metrics;
  }

  /**
   * What becomes of a layer for a list. Its blob is durable when this returns.
   *
   * <p>A layer that was eStargz when it came, and has a landmark for prefetching, stays as whoever
   * made it wanted it.
   *
   * @param layer what became of it without a list
   * @param list what is to be laid out first
   * @param maxBytes most bytes of uncompressed tar in front of the landmark
   * @return the plain outcome if the list has nothing in the layer, or nothing that fits
   * @throws IOException if the layer cannot be read, or the thread was interrupted
   */
  LayerOutcome laidOut(PlainLayer layer, PrefetchList list, long maxBytes) throws IOException {
    Optional<Digest> blob = layer.blob().filter(_ -> !list.isEmpty() && !layer.isOptimized());
    return blob.isPresent() ? laidOut(layer, blob.get(), list, maxBytes) : layer.outcome();
  }

  private LayerOutcome laidOut(PlainLayer layer, Digest blob, PrefetchList list, long maxBytes)
      throws IOException {
    Digest source = layer.source().digest();
    String key = key(list, maxBytes);
    Optional<LayerConversion> known = results.layer(source, key);
    if (known.isPresent()) {
      return outcome(known.get(), layer.outcome());
    }
    try {
      // Most layers have nothing of a list.
      return layer.mayHave(list)
          ? layOut(layer, blob, new Prefetch(list, maxBytes), key)
          : layer.outcome();
    } catch (LayerTooLargeException e) {
      LOG.info("layer {} is not laid out anew: {}", source, e.getMessage());
      var refused = new LayerConversion.Unconvertible(String.valueOf(e.getMessage()));
      return outcome(results.recordLayer(source, key, refused), layer.outcome());
    } catch (ConversionException e) {
      // Damage passes: what is damaged is found and stored again.
      LOG.warn("layer {} is not laid out anew: {}", source, e.getMessage());
      return layer.outcome();
    }
  }

  private LayerOutcome layOut(PlainLayer layer, Digest blob, Prefetch prefetch, String key)
      throws IOException {
    long startedAt = System.nanoTime();
    try (BlobSource source = blobs.open(blob)) {
      LayerLayout layout = converter.layout(blobs.paced(source), source.size(), prefetch);
      return layout.isEmpty()
          ? layer.outcome()
          : outcome(write(layer, layout, key, startedAt), layer.outcome());
    }
  }

  private LayerConversion write(PlainLayer layer, LayerLayout layout, String key, long startedAt)
      throws IOException {
    Digest source = layer.source().digest();
    String recipe = layout.recipe().id();
    Optional<LayerConversion> known = results.layer(source, recipe);
    if (known.isPresent()) {
      return results.recordLayer(source, key, known.get());
    }
    Digest sourceDiffId = sourceDiffId(layer);
    LayerConversion.Converted made =
        blobs.store(out -> {
          LayerLayout.Result result = layout.write(sourceDiffId, out);
          var took = Duration.ofNanos(System.nanoTime() - startedAt);
          metrics.layerLaidOut(result.copied(), result.compressed(), took);
          return result.layer();
        });
    LayerConversion first = results.recordLayer(source, recipe, made);
    return results.recordLayer(source, key, first);
  }

  private Digest sourceDiffId(PlainLayer layer) throws IOException {
    return switch (layer.outcome()) {
      case LayerOutcome.Converted converted -> converted.sourceDiffId();
      case LayerOutcome.Annotated annotated -> annotated.diffId();
      case LayerOutcome.PassedThrough _ -> {
        try (InputStream blob = blobs.stream(layer.source().digest())) {
          yield EStargz.measure(blob, limits).diffId();
        }
      }
      case LayerOutcome.Kept _ ->
          throw new IllegalArgumentException(layer.source().digest() + " is not lazy");
    };
  }

  private static LayerOutcome outcome(LayerConversion result, LayerOutcome plain) {
    return switch (result) {
      case LayerConversion.Converted converted -> LayerBlobs.outcome(converted);
      case LayerConversion.Unconvertible _ -> plain;
    };
  }

  /**
   * What the result is kept under. What a list has in a layer is known only after a look at it, so
   * a list has a key of its own, and its results are kept under what they are as well.
   */
  private String key(PrefetchList list, long maxBytes) {
    return "%s-list%s%s"
        .formatted(
            converter.recipe().id(),
            list.id(),
            maxBytes == Prefetch.DEFAULT_MAX_BYTES ? "" : "-max" + maxBytes);
  }
}
