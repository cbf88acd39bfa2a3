package io.lighter.server.convert;

import io.lighter.conversion.BlobView;
import io.lighter.conversion.EStargz;
import io.lighter.conversion.GzipEncoders;
import io.lighter.conversion.LayerOutcome;
import io.lighter.conversion.MemberDecoder;
import io.lighter.conversion.PrefetchList;
import io.lighter.conversion.startset.StartupAnalysis;
import io.lighter.conversion.startset.StartupLayout;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.image.ImageTree;
import io.lighter.conversion.startset.image.LayerContents;
import io.lighter.conversion.startset.trace.StartupSet;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.ManifestView;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.server.startset.StartsetReport;
import io.lighter.storage.BlobSource;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the start of an image reads, worked out from its converted layers in the store. Thread-safe;
 * takes up to seconds and belongs on the conversion threads.
 */
public final class StartupSets {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MAX_CONFIG_BYTES = 8 << 20;
  private static final ImageCommand NO_COMMAND = new ImageCommand(List.of(), Map.of(), "/", "");

  private final LayerBlobs blobs;
  private final StartupAnalysis analysis;
  private final GzipEncoders library;
  private final RegistryMetrics metrics;

  /**
   * Start-up sets of images in a store.
   *
   * @param library uncompresses layers
   */
  public StartupSets(
      LayerBlobs blobs, StartupAnalysis analysis, GzipEncoders library, RegistryMetrics metrics) {
    this.metrics = metrics;
    this.blobs = blobs;
    this.library = library;
    this.analysis = analysis;
  }

  /**
   * What is to be laid out first in each layer.
   *
   * @param layers of the original, lowest first
   * @param outcomes what has become of them; what is not eStargz cannot be looked into
   * @param config the image's configuration
   * @param maxBytes most bytes of files in all lists together
   * @return as many lists as there are layers, lowest first
   * @throws IOException if the layers cannot be read
   */
  List<PrefetchList> lists(
      List<Descriptor> layers, List<LayerOutcome> outcomes, byte[] config, long maxBytes)
      throws IOException {
    Optional<ImageCommand> command = command(config);
    if (command.isEmpty() || command.get().command().isEmpty()) {
      return Collections.nCopies(layers.size(), PrefetchList.NONE);
    }
    var lazy = new ArrayList<Optional<Digest>>();
    for (int i = 0; i < layers.size(); i++) {
      lazy.add(LayerBlobs.lazy(layers.get(i), outcomes.get(i)));
    }
    try (var image = new OpenImage(lazy)) {
      StartupSet set = analysis.analyze(image.tree, command.get());
      metrics.startAnalyzed(set.files().size(), set.cpu());
      return StartupLayout.of(set, layers.size(), maxBytes);
    }
  }

  /**
   * What the start of a converted image reads.
   *
   * @param name what to call the image
   * @param image a container image whose layers and configuration are in the store
   * @throws IOException if these cannot be read
   */
  public StartsetReport report(String name, ManifestView image) throws IOException {
    List<Optional<Digest>> layers =
        image.layers().stream().map(layer -> Optional.of(layer.digest())).toList();
    long begin = System.nanoTime();
    try (var open = new OpenImage(layers)) {
      ImageCommand command = command(config(image.config().orElseThrow())).orElse(NO_COMMAND);
      StartupSet set = analysis.analyze(open.tree, command);
      List<String> notRead =
          open.unread.stream()
              .map(layer -> image.layers().get(layer).digest() + ": it is not eStargz")
              .toList();
      var took = Duration.ofNanos(System.nanoTime() - begin);
      return StartsetReport.of(
          name, command, image.layers(), notRead, set, open.tree.entries(), took);
    }
  }

  private byte[] config(Descriptor config) throws IOException {
    try (InputStream stream = new BlobInputStream(blobs.open(config.digest()))) {
      return stream.readNBytes(MAX_CONFIG_BYTES);
    }
  }

  /** Empty if the configuration is no JSON; whoever needs it says what is wrong with it. */
  private static Optional<ImageCommand> command(byte[] config) {
    try {
      return Optional.of(ImageCommand.of(JSON.readTree(config)));
    } catch (JacksonException _) {
      return Optional.empty();
    }
  }

  /** The merged layers of an image, as long as their blobs are open. */
  private final class OpenImage implements AutoCloseable {
    private final ImageTree tree = new ImageTree();
    private final List<Integer> unread = new ArrayList<>();
    private final List<BlobSource> sources = new ArrayList<>();
    private final MemberDecoder decoder = new MemberDecoder(library);

    /** Layers without a blob, or whose blob is no eStargz, have nothing. */
    OpenImage(List<Optional<Digest>> layers) throws IOException {
      try {
        for (int i = 0; i < layers.size(); i++) {
          Optional<LayerContents> contents =
              layers.get(i).isPresent() ? contents(layers.get(i).get()) : Optional.empty();
          if (contents.isEmpty()) {
            unread.add(i);
          }
          tree.add(contents.orElse(LayerContents.NONE));
        }
      } catch (IOException | RuntimeException e) {
        close();
        throw e;
      }
    }

    private Optional<LayerContents> contents(Digest digest) throws IOException {
      BlobSource blob = blobs.open(digest);
      sources.add(blob);
      BlobView view = blobs.paced(blob);
      return EStargz.inspect(view, blob.size())
          .map(layer -> LayerContents.of(layer, view, decoder));
    }

    @Override
    public void close() {
      decoder.close();
      sources.forEach(BlobSource::close);
    }
  }
}
