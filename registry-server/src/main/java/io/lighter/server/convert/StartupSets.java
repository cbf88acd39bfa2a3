package io.lighter.server.convert;

import io.lighter.conversion.EStargz;
import io.lighter.conversion.PlainLayer;
import io.lighter.conversion.PrefetchList;
import io.lighter.conversion.gzip.GzipEncoders;
import io.lighter.conversion.startset.StartupAnalysis;
import io.lighter.conversion.startset.StartupLayout;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.image.OpenImage;
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
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What the start of an image reads, worked out from its converted layers in the store. Thread-safe;
 * takes up to seconds and belongs on the conversion threads.
 */
public final class StartupSets {
  private static final int MAX_CONFIG_BYTES = 8 << 20;

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
   * @param layers of the image, lowest first; what is not eStargz cannot be looked into
   * @param config the image's configuration
   * @param maxBytes most bytes of files in all lists together
   * @return as many lists as there are layers, lowest first
   * @throws IOException if the layers cannot be read
   */
  List<PrefetchList> lists(List<PlainLayer> layers, byte[] config, long maxBytes)
      throws IOException {
    var command = ImageCommand.parse(config);
    if (command.command().isEmpty()) {
      return Collections.nCopies(layers.size(), PrefetchList.NONE);
    }
    try (var image = new OpenImage(library)) {
      for (PlainLayer layer : layers) {
        add(image, layer.content(), layer.blob());
      }
      StartupSet set = analysis.analyze(image.tree(), command);
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
    long begin = System.nanoTime();
    try (var open = new OpenImage(library)) {
      for (Descriptor layer : image.layers()) {
        add(open, blobs.inspect(layer.digest()), Optional.of(layer.digest()));
      }
      var command = ImageCommand.parse(config(image.config().orElseThrow()));
      StartupSet set = analysis.analyze(open.tree(), command);
      var took = Duration.ofNanos(System.nanoTime() - begin);
      return StartsetReport.of(name, command, image.layers(), open, set, took);
    }
  }

  private void add(OpenImage image, Optional<EStargz> content, Optional<Digest> digest) {
    if (content.isEmpty() || digest.isEmpty()) {
      image.addUnread("it is not eStargz, or its table of contents is too long");
      return;
    }
    BlobSource blob = blobs.open(digest.get());
    image.add(content.get(), blobs.paced(blob), blob::close);
  }

  private byte[] config(Descriptor config) throws IOException {
    try (InputStream stream = new BlobInputStream(blobs.open(config.digest()))) {
      return stream.readNBytes(MAX_CONFIG_BYTES);
    }
  }
}
