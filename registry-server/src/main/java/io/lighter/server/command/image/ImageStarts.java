package io.lighter.server.command.image;

import io.lighter.conversion.EStargz;
import io.lighter.conversion.LayerOutcome;
import io.lighter.conversion.gzip.GzipEncoders;
import io.lighter.conversion.startset.StartupAnalysis;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.image.OpenImage;
import io.lighter.conversion.startset.trace.AnalysisLimits;
import io.lighter.conversion.startset.trace.StartupSet;
import io.lighter.oci.Descriptor;
import io.lighter.server.startset.StartsetReport;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How images start, worked out from files of their layers. For one thread.
 *
 * @param library uncompresses layers
 * @param instead what is executed instead of an image's own command; nothing if empty
 */
record ImageStarts(GzipEncoders library, List<String> instead) {

  /** What was worked out, and how it is told. */
  record Start(StartupSet set, StartsetReport report) {}

  /** What the container executes; empty if nothing does. */
  ImageCommand command(byte[] config) {
    ImageCommand own = ImageCommand.parse(config);
    return instead.isEmpty() ? own : own.executing(instead);
  }

  /**
   * Works out a start.
   *
   * @param name what to call the image
   * @param layers of the image, lowest first
   * @throws IOException if they cannot be read
   */
  Start of(String name, ImageCommand command, List<Layers.Plain> layers) throws IOException {
    long begin = System.nanoTime();
    try (var image = new OpenImage(library)) {
      for (Layers.Plain layer : layers) {
        add(image, layer);
      }
      StartupSet set = new StartupAnalysis(AnalysisLimits.DEFAULTS).analyze(image.tree(), command);
      var took = Duration.ofNanos(System.nanoTime() - begin);
      List<Descriptor> sources = layers.stream().map(layer -> layer.layer().source()).toList();
      return new Start(set, StartsetReport.of(name, command, sources, image, set, took));
    }
  }

  private static void add(OpenImage image, Layers.Plain plain) throws IOException {
    Optional<EStargz> content = plain.layer().content();
    if (plain.layer().outcome() instanceof LayerOutcome.Kept(String reason)) {
      image.addUnread(reason);
    } else if (content.isEmpty()) {
      image.addUnread("its table of contents is too long");
    } else {
      FileChannel blob = FileChannel.open(plain.file());
      image.add(content.get(), Layers.view(blob), blob);
    }
  }
}
