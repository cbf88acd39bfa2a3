package io.lighter.server.command;

import io.lighter.server.admin.AdminClient;
import io.lighter.server.config.DataSize;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code lighter invalidate}: has the running server ask upstream about a tag again. */
@Command(
    name = "invalidate",
    mixinStandardHelpOptions = true,
    description = "Has the running server confirm a tag with upstream at the next request for it.")
public final class InvalidateCommand implements Callable<Integer> {
  @Mixin private AdminTarget server = new AdminTarget();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--drop", description = "Forget what is cached of the image as well.")
  private boolean drop;

  @Parameters(paramLabel = "REF", description = "Image, such as docker.io/library/nginx:1.27.")
  private String image = "";

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (AdminClient client = server.connect()) {
      client.call(
          "invalidate",
          Map.of("image", image, "drop", Boolean.toString(drop)),
          line -> out.println(done(line)));
    }
    out.flush();
    return 0;
  }

  private static String done(JsonNode line) {
    String image = line.get("image").asString();
    return switch (line.get("action").asString()) {
      case "confirm" -> image + " is confirmed with upstream at the next request for it";
      case "drop" -> "dropped %s: %s".formatted(image, amount(line));
      default ->
          "dropped %s: %s; its converted content is in use and stays"
              .formatted(image, amount(line));
    };
  }

  private static String amount(JsonNode line) {
    return "%d blobs, %s"
        .formatted(line.get("blobs").asInt(), new DataSize(line.get("bytes").asLong()).rounded());
  }
}
