package io.lighter.server.command;

import io.lighter.server.admin.AdminClient;
import io.lighter.server.admin.AdminException;
import io.lighter.server.config.ConfigException;
import io.lighter.server.config.DataSize;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code lighter pull}: has the running server pull images before anybody asks for them. */
@Command(
    name = "pull",
    aliases = "warm",
    mixinStandardHelpOptions = true,
    description = "Has the running server pull images of upstreams into its cache.")
public final class PullCommand implements Callable<Integer> {
  @Mixin private AdminTarget server = new AdminTarget();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      description = "Platform of an image that has several; may be repeated. The server's own.")
  private List<String> platforms = List.of();

  @Option(
      names = "--wait-converted",
      description =
          "Waits until the image has its lazy view, or stays as it is; and for the server, if it does not answer yet.")
  private boolean waitConverted;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "30m",
      converter = TimeSpanOption.class,
      description = "How long that may take for one image; ${DEFAULT-VALUE}.")
  private Duration timeout = Duration.ZERO;

  @Option(
      names = "--attempts",
      paramLabel = "N",
      defaultValue = "1",
      description = "How often an image that cannot be pulled is tried; ${DEFAULT-VALUE}.")
  private int attempts;

  @Option(names = "--report-only", description = "Ends with 0 if an image cannot be pulled, too.")
  private boolean reportOnly;

  @Parameters(
      paramLabel = "REF",
      arity = "1..*",
      description = "Images, such as docker.io/library/nginx:1.27.")
  private List<String> images = List.of();

  private final Optional<ProgressBar> bar = ProgressBar.onTerminal();

  @Override
  public Integer call() throws InterruptedException {
    var failed = new ArrayList<String>();
    try (AdminClient client = server.connect()) {
      var pull = new ImagePull(client, attempts(), waitConverted ? timeout : Duration.ZERO);
      for (String image : images) {
        try {
          say(pull.pull(image, platforms, this::told));
        } catch (AdminException e) {
          failed.add(image);
          bar.ifPresent(ProgressBar::clear);
          spec.commandLine().getErr().println("lighter: " + e.getMessage());
        }
      }
    }
    if (images.size() > 1 || waitConverted) {
      say(
          failed.isEmpty()
              ? "%d images, all done".formatted(images.size())
              : "%d images, not done: %s".formatted(images.size(), String.join(", ", failed)));
    }
    return failed.isEmpty() || reportOnly ? 0 : 1;
  }

  private int attempts() {
    if (attempts < 1) {
      throw new ConfigException(
          "--attempts: %d is not allowed; allowed: 1 or more".formatted(attempts));
    }
    return attempts;
  }

  private void told(JsonNode line) {
    if (!line.has("blob")) {
      say(summary(line));
    } else if (bar.isPresent()) {
      bar.get().show(line.get("done").asLong(), line.get("of").asLong(), blob(line));
    } else {
      say("%d/%d  %s".formatted(line.get("done").asInt(), line.get("of").asInt(), blob(line)));
    }
  }

  private void say(String line) {
    bar.ifPresent(ProgressBar::clear);
    if (!line.isEmpty()) {
      PrintWriter out = spec.commandLine().getOut();
      out.println(line);
      out.flush();
    }
  }

  private static String blob(JsonNode line) {
    return "%10s  %s%s"
        .formatted(
            new DataSize(line.get("bytes").asLong()).rounded(),
            line.get("blob").asString(),
            line.get("fetched").asBoolean() ? "" : "  was here");
  }

  private static String summary(JsonNode line) {
    return String.format(
        Locale.ROOT,
        "%s is here: %s, %d blobs, %s; fetched %d of them, %s, in %.1f s",
        line.get("image").asString(),
        line.get("digest").asString(),
        line.get("blobs").asInt(),
        new DataSize(line.get("bytes").asLong()).rounded(),
        line.get("fetchedBlobs").asInt(),
        new DataSize(line.get("fetchedBytes").asLong()).rounded(),
        line.get("milliseconds").asLong() / 1000.0);
  }
}
