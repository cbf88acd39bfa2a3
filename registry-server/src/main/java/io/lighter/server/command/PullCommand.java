package io.lighter.server.command;

import io.lighter.server.admin.AdminClient;
import io.lighter.server.config.DataSize;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code lighter pull}: has the running server pull an image before anybody asks for it. */
@Command(
    name = "pull",
    mixinStandardHelpOptions = true,
    description = "Has the running server pull an image of an upstream into its cache.")
public final class PullCommand implements Callable<Integer> {
  @Mixin private AdminTarget server = new AdminTarget();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      description = "Platform of an image that has several; may be repeated. The server's own.")
  private List<String> platforms = List.of();

  @Parameters(paramLabel = "REF", description = "Image, such as docker.io/library/nginx:1.27.")
  private String image = "";

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    var parameters = new HashMap<String, String>();
    parameters.put("image", image);
    if (!platforms.isEmpty()) {
      parameters.put("platforms", String.join(",", platforms));
    }
    try (AdminClient client = server.connect()) {
      client.call(
          "pull",
          parameters,
          line -> {
            out.println(line.has("blob") ? progress(line) : summary(line));
            out.flush();
          });
    }
    return 0;
  }

  private static String progress(JsonNode line) {
    return "%d/%d  %10s  %s%s"
        .formatted(
            line.get("done").asInt(),
            line.get("of").asInt(),
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
