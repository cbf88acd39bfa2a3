package io.lighter.server.command.image;

import io.lighter.conversion.ConversionException;
import io.lighter.conversion.ConversionLimits;
import io.lighter.conversion.LayerConverter;
import io.lighter.conversion.gzip.GzipEncoders;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Manifest;
import io.lighter.oci.ManifestView;
import io.lighter.server.content.PlatformPattern;
import io.lighter.server.startset.StartsetReport;
import io.lighter.server.upstream.UpstreamException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code lighter startset}: tells what the start of an image is going to read. */
@Command(
    name = "startset",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Works out which files a container of an image reads when it starts, by reading the image. "
            + "Nothing of it is executed, and no server is needed. These are the files that Lighter "
            + "lays out first when it converts the image.")
public final class StartsetCommand implements Callable<Integer> {
  private static final int MAX_NESTING = 8;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "IMAGE",
      description = "docker://HOST/NAME[:TAG|@DIGEST] or oci:DIRECTORY[:TAG].")
  private String image = "";

  @Option(
      names = "--command",
      arity = "1..*",
      paramLabel = "WORD",
      description =
          "What the container executes instead of the image's own entrypoint and command: the "
              + "program and its arguments. Comes last.")
  private List<String> command = List.of();

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      description = "Which image of an index. Default: the one for this machine")
  private @Nullable String platform;

  @ArgGroup private Format format = new Format();

  @Mixin private RegistryOptions registries = new RegistryOptions();

  /** How the result is printed. */
  private static final class Format {
    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(
        names = "--record",
        description =
            "Print JSON lines {\"path\":...}, which ctr-remote, nerdctl and lighter convert take "
                + "with --record-in.")
    private boolean record;
  }

  @Override
  public Integer call() throws IOException {
    Progress progress = Progress.onTerminal();
    ImageLocation from = ImageLocation.parse(image);
    try (var workspace = new Workspace(Path.of(System.getProperty("java.io.tmpdir")));
        ImageSource source = registries.registries().open(from, workspace)) {
      StartsetReport report = report(from.toString(), source, workspace, progress);
      progress.end();
      PrintWriter out = spec.commandLine().getOut();
      if (format.json) {
        out.println(JSON.writeValueAsString(report));
      } else if (format.record) {
        report.files().stream().map(StartsetCommand::recorded).forEach(out::println);
      } else {
        report.table().forEach(out::println);
      }
      out.flush();
      return 0;
    } catch (ConversionException | UpstreamException e) {
      throw new ConvertException(String.valueOf(e.getMessage()), e);
    } finally {
      progress.end();
    }
  }

  /** Layers that are not eStargz become so for the moment, as fast as can be. */
  private StartsetReport report(
      String name, ImageSource source, Workspace workspace, Progress progress) throws IOException {
    ManifestView view = choose(source, wanted());
    Descriptor config =
        view.config()
            .filter(_ -> view.isContainerImage())
            .orElseThrow(() -> new ConvertException("this is not a container image"));
    GzipEncoders library = GzipEncoders.detect();
    var starts = new ImageStarts(library, command);
    ImageCommand executed = starts.command(Files.readAllBytes(source.blob(config, progress)));
    var converter =
        new LayerConverter(library.atLevel(1), ConversionLimits.DEFAULT, Runnable::run, 1);
    var layers = new Layers(converter, ConversionLimits.DEFAULT, workspace, progress);
    var plain = new ArrayList<Layers.Plain>();
    for (Descriptor layer : view.layers()) {
      plain.add(layers.plain(layer, source.blob(layer, progress)));
    }
    progress.begin("working out the start", 0);
    return starts.of(name, executed, plain).report();
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

  /** A line of the record format of other converters. */
  private static String recorded(StartsetReport.File file) {
    return JSON.createObjectNode()
        .put("path", file.path().substring(1))
        .put("layerIndex", file.layer())
        .toString();
  }

  private PlatformPattern wanted() {
    try {
      return platform == null ? PlatformPattern.local() : new PlatformPattern(platform);
    } catch (IllegalArgumentException e) {
      throw new ConvertException("--platform: " + e.getMessage(), e);
    }
  }
}
