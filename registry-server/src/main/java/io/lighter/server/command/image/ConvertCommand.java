package io.lighter.server.command.image;

import io.lighter.conversion.ConversionException;
import io.lighter.conversion.ConversionLimits;
import io.lighter.conversion.ImageConverter;
import io.lighter.conversion.InvalidPrefetchListException;
import io.lighter.conversion.LayerConverter;
import io.lighter.conversion.Prefetch;
import io.lighter.conversion.PrefetchList;
import io.lighter.conversion.gzip.GzipEncoders;
import io.lighter.server.command.Version;
import io.lighter.server.content.PlatformPattern;
import io.lighter.server.upstream.UpstreamException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lighter convert}: turns an image or a layer into eStargz. */
@Command(
    name = "convert",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Turns an image, or a single layer, into eStargz, which nodes start before it has "
            + "arrived. No server is needed. Layers that are eStargz already stay; so does what "
            + "cannot be converted faithfully, which is said. Registries are asked as the user "
            + "whom docker login has made known. Prints one JSON object.")
public final class ConvertCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      paramLabel = "SOURCE",
      description =
          "docker://HOST/NAME[:TAG|@DIGEST] or oci:DIRECTORY[:TAG]; with --layer the file "
              + "of a layer: gzip, zstd or plain tar.")
  private String source = "";

  @Parameters(
      index = "1",
      paramLabel = "TARGET",
      description = "The same for the result; with --layer the file that is written.")
  private String target = "";

  @Option(names = "--layer", description = "SOURCE and TARGET are files of a layer.")
  private boolean layer;

  @Option(
      names = {"--min-chunk-size", "--estargz-min-chunk-size"},
      paramLabel = "BYTES",
      defaultValue = "0",
      description =
          "Pack small files together until they have this many bytes uncompressed: less to "
              + "store, more to fetch for one file. Default: 0, each file by itself")
  private int minChunkSize;

  @Option(
      names = {"--level", "--estargz-compression-level"},
      paramLabel = "N",
      description = "Compression level, 1 to 9, with libdeflate to 12. Default: the server's")
  private @Nullable Integer level;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "How many threads compress. Default: one for each processor")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      description =
          "Platform to take out of an index; may be repeated. Others are left out. Default: "
              + "the one of this machine")
  private List<String> platforms = List.of();

  @Option(names = "--all-platforms", description = "Take all platforms of an index.")
  private boolean allPlatforms;

  @Mixin private RegistryOptions registries = new RegistryOptions();

  @Mixin private FirstOptions first = new FirstOptions();

  @Override
  public Integer call() throws IOException {
    Progress progress = Progress.onTerminal();
    try {
      String result = convert(progress);
      progress.end();
      PrintWriter out = spec.commandLine().getOut();
      out.println(result);
      out.flush();
      return 0;
    } catch (ConversionException | InvalidPrefetchListException | UpstreamException e) {
      progress.end();
      throw new ConvertException(String.valueOf(e.getMessage()), e);
    } catch (RuntimeException | IOException e) {
      progress.end();
      throw e;
    }
  }

  private String convert(Progress progress) throws IOException {
    check();
    PrefetchList list = first.list();
    GzipEncoders encoders = encoders();
    // Most of a conversion is compression; the thread that reads and hashes needs its share too.
    try (ExecutorService executor =
        Executors.newFixedThreadPool(threads, Thread.ofPlatform().name("compress-", 1).factory())) {
      var converter =
          new LayerConverter(encoders, ConversionLimits.DEFAULT, executor, threads)
              .withMinChunkSize(minChunkSize);
      return layer
          ? layer(converter, list, encoders, progress)
          : image(converter, list, encoders, progress);
    }
  }

  private String layer(
      LayerConverter converter, PrefetchList list, GzipEncoders encoders, Progress progress)
      throws IOException {
    Path in = Path.of(source);
    Path out = Path.of(target).toAbsolutePath();
    if (!Files.isReadable(in) || Files.isDirectory(in)) {
      throw new ConvertException(in + " is not a file that can be read");
    }
    try (var workspace = new Workspace(directoryOf(out))) {
      Path file = workspace.file();
      Layers.Result result =
          layers(converter, workspace, progress)
              .convert(in, file, new Prefetch(list, first.limit()));
      publish(file, out);
      List<PrefetchList.Item> unmatched = unmatched(list, result.layer().prefetched().matched());
      return Results.layer(result, encoders.toString(), unmatched);
    }
  }

  private String image(
      LayerConverter converter, PrefetchList list, GzipEncoders encoders, Progress progress)
      throws IOException {
    ImageLocation from = ImageLocation.parse(source);
    ImageLocation to = ImageLocation.parse(target);
    Registries reached = registries.registries();
    try (var workspace = new Workspace(workspaceParent(to));
        ImageSource in = reached.open(from, workspace);
        ImageTarget out = reached.open(to, from, workspace)) {
      var layers =
          new ImageLayers(
              in,
              out,
              workspace,
              layers(converter, workspace, progress),
              new ImageStarts(encoders, first.command()),
              new ImageLayers.First(list, first.limit(), first.startupSet()),
              progress);
      var images =
          new ImageConverter(
              converter.recipe(), new ImageConverter.Provenance(Version.text(), false));
      ImageRun.Report report =
          new ImageRun(in, out, workspace, layers, images, wanted(), progress).run();
      progress.end();
      layers.notes().forEach(note -> spec.commandLine().getErr().println("lighter: " + note));
      if (report.original().digest().equals(report.result().digest())) {
        spec.commandLine()
            .getErr()
            .println("lighter: nothing in the image became lazy by this; it was copied as it is");
      }
      return Results.image(
          from, to, report, encoders.toString(), unmatched(list, layers.matched()));
    }
  }

  private static Layers layers(LayerConverter converter, Workspace workspace, Progress progress) {
    return new Layers(converter, ConversionLimits.DEFAULT, workspace, progress);
  }

  private void check() {
    if (threads < 1 || threads > 256) {
      throw new ConvertException(
          "--threads: %d is not allowed; allowed: 1 to 256".formatted(threads));
    }
    if (minChunkSize < 0 || minChunkSize > LayerConverter.CHUNK_SIZE) {
      throw new ConvertException(
          "--min-chunk-size: %d is not allowed; allowed: 0 to %d"
              .formatted(minChunkSize, LayerConverter.CHUNK_SIZE));
    }
    first.check(layer);
    if (allPlatforms && !platforms.isEmpty()) {
      throw new ConvertException("--platform and --all-platforms exclude each other");
    }
  }

  private GzipEncoders encoders() {
    GzipEncoders usual = GzipEncoders.detect();
    try {
      return level == null ? usual : usual.atLevel(level);
    } catch (IllegalArgumentException e) {
      throw new ConvertException("--level: " + e.getMessage(), e);
    }
  }

  private List<PrefetchList.Item> unmatched(PrefetchList list, Set<PrefetchList.Item> matched) {
    List<PrefetchList.Item> unmatched =
        list.items().stream().filter(item -> !matched.contains(item)).toList();
    if (!unmatched.isEmpty()) {
      spec.commandLine()
          .getErr()
          .printf(
              "lighter: %d of %d items to be prefetched match nothing, the first is %s%n",
              unmatched.size(), list.items().size(), unmatched.getFirst().path());
    }
    return unmatched;
  }

  private List<PlatformPattern> wanted() {
    if (allPlatforms) {
      return List.of();
    }
    if (platforms.isEmpty()) {
      return List.of(PlatformPattern.local());
    }
    try {
      return platforms.stream().map(PlatformPattern::new).toList();
    } catch (IllegalArgumentException e) {
      throw new ConvertException("--platform: " + e.getMessage(), e);
    }
  }

  private static Path workspaceParent(ImageLocation to) throws IOException {
    return switch (to) {
      case ImageLocation.Registry _ -> Path.of(System.getProperty("java.io.tmpdir"));
      case ImageLocation.Layout layout -> directoryOf(layout.directory());
    };
  }

  private static Path directoryOf(Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null || !Files.isDirectory(parent) || !Files.isWritable(parent)) {
      throw new ConvertException("%s is not a directory that can be written".formatted(parent));
    }
    return parent;
  }

  private static void publish(Path file, Path target) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    Files.move(file, target, StandardCopyOption.REPLACE_EXISTING);
  }
}
