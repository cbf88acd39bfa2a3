package io.lighter.server.command.image;

import io.lighter.conversion.BlobView;
import io.lighter.conversion.ConversionException;
import io.lighter.conversion.ConversionLimits;
import io.lighter.conversion.EStargz;
import io.lighter.conversion.GzipEncoders;
import io.lighter.conversion.LayerConverter;
import io.lighter.conversion.MemberDecoder;
import io.lighter.conversion.startset.StartupAnalysis;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.image.ImageTree;
import io.lighter.conversion.startset.image.LayerContents;
import io.lighter.conversion.startset.trace.StartupSet;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Manifest;
import io.lighter.oci.ManifestView;
import io.lighter.server.content.PlatformPattern;
import io.lighter.server.startset.StartsetReport;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * An image whose layers are at hand, file by file, to find out how it starts. For one thread; holds
 * the layers' files open until it is closed.
 */
final class ImageStart implements AutoCloseable {
  private static final int MAX_NESTING = 8;
  private static final int BUFFER = 256 << 10;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final ImageTree tree = new ImageTree();
  private final MemberDecoder decoder = new MemberDecoder(GzipEncoders.detect());
  private final List<FileChannel> channels = new ArrayList<>();
  private final List<Descriptor> layers;
  private final List<String> kept = new ArrayList<>();
  private final ImageCommand command;

  private ImageStart(List<Descriptor> layers, ImageCommand command) {
    this.layers = layers;
    this.command = command;
  }

  /** Fetches an image. Layers that are not eStargz become so for the moment, as fast as can be. */
  static ImageStart read(
      ImageSource source, Workspace workspace, PlatformPattern platform, Progress progress)
      throws IOException {
    ManifestView view = choose(source, platform);
    Descriptor config =
        view.config()
            .filter(_ -> view.isContainerImage())
            .orElseThrow(() -> new ConvertException("this is not a container image"));
    byte[] json = Files.readAllBytes(source.blob(config, progress));
    var start = new ImageStart(view.layers(), ImageCommand.of(JSON.readTree(json)));
    try {
      for (Descriptor layer : view.layers()) {
        start.add(layer, source.blob(layer, progress), workspace, progress);
      }
      return start;
    } catch (IOException | RuntimeException e) {
      start.close();
      throw e;
    }
  }

  private static ManifestView choose(ImageSource source, PlatformPattern platform)
      throws IOException {
    Manifest at = source.root();
    for (int depth = 0; at.view().isIndex(); depth++) {
      if (depth == MAX_NESTING) {
        throw new ConvertException(
            "the image has indexes within indexes, more than %d".formatted(MAX_NESTING));
      }
      try {
        at = source.manifest(platform.choose(at.view()).digest());
      } catch (IllegalArgumentException e) {
        throw new ConvertException(String.valueOf(e.getMessage()), e);
      }
    }
    return at.view();
  }

  private void add(Descriptor layer, Path file, Workspace workspace, Progress progress)
      throws IOException {
    FileChannel channel = open(file);
    Optional<EStargz> lazy = inspect(channel);
    if (lazy.isEmpty()) {
      Path converted = workspace.file();
      progress.begin("reading", Files.size(file));
      try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER);
          OutputStream out = new BufferedOutputStream(Files.newOutputStream(converted), BUFFER)) {
        new LayerConverter(
                GzipEncoders.detect().atLevel(1), ConversionLimits.DEFAULT, Runnable::run, 1)
            .convert(in, out);
      } catch (ConversionException e) {
        kept.add("%s: %s".formatted(layer.digest(), e.getMessage()));
        tree.add(LayerContents.NONE);
        return;
      }
      channel = open(converted);
      lazy = inspect(channel);
    }
    FileChannel opened = channel;
    BlobView view = (position, target) -> opened.read(target, position);
    tree.add(lazy.map(found -> LayerContents.of(found, view, decoder)).orElse(LayerContents.NONE));
  }

  private FileChannel open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file);
    channels.add(channel);
    return channel;
  }

  private static Optional<EStargz> inspect(FileChannel channel) throws IOException {
    return EStargz.inspect((position, target) -> channel.read(target, position), channel.size());
  }

  /**
   * Works out the start.
   *
   * @param name what to call the image
   * @param instead what is executed instead of the image's command; nothing if empty
   */
  StartsetReport analyze(StartupAnalysis analysis, String name, List<String> instead)
      throws IOException {
    ImageCommand executed = instead.isEmpty() ? command : command.executing(instead);
    long begin = System.nanoTime();
    StartupSet set = analysis.analyze(tree, executed);
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    return StartsetReport.of(name, executed, layers, kept, set, tree.entries(), took);
  }

  @Override
  public void close() throws IOException {
    decoder.close();
    for (FileChannel channel : channels) {
      channel.close();
    }
  }
}
