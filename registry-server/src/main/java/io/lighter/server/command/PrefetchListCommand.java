package io.lighter.server.command;

import io.lighter.server.admin.AdminClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code lighter prefetch-list}: which files of an image the running server lays out first. */
@Command(
    name = "prefetch-list",
    mixinStandardHelpOptions = true,
    description = {
      "Tells the running server which files of an image its start reads, to be fetched ahead.",
      "REF with a tag means that tag, whatever it names in future; without one the repository."
    })
public final class PrefetchListCommand {
  private static final String OPERATION = "prefetch-list";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Command(
      name = "set",
      mixinStandardHelpOptions = true,
      description = "Sets a list and has the images converted again.")
  int set(
      @Mixin AdminTarget server,
      @Parameters(paramLabel = "REF", description = "Image, such as docker.io/library/nginx:1.27.")
          String image,
      @Parameters(
              paramLabel = "FILE",
              description =
                  "A path or pattern on each line, or the JSON lines of ctr-remote or nerdctl.")
          Path file) {
    byte[] list;
    try {
      list = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new StartException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
    return call(server, "PUT", image, list);
  }

  @Command(name = "get", mixinStandardHelpOptions = true, description = "Prints a list as it is.")
  int get(@Mixin AdminTarget server, @Parameters(paramLabel = "REF") String image) {
    return call(server, "GET", image, null);
  }

  @Command(
      name = "remove",
      mixinStandardHelpOptions = true,
      description = "Forgets a list and has the images converted again.")
  int remove(@Mixin AdminTarget server, @Parameters(paramLabel = "REF") String image) {
    return call(server, "DELETE", image, null);
  }

  private int call(AdminTarget server, String method, String image, byte @Nullable [] body) {
    PrintWriter out = spec.commandLine().getOut();
    try (AdminClient client = server.connect()) {
      client.call(method, OPERATION, Map.of("image", image), body, line -> print(out, line));
    }
    out.flush();
    return 0;
  }

  private static void print(PrintWriter out, JsonNode line) {
    if (line.has("list")) {
      out.print(line.get("list").asString());
      return;
    }
    String image = line.get("image").asString();
    int items = line.get("items").asInt();
    out.printf(
        "%s: %s; %d images are converted again%n",
        image,
        items == 0 ? "list removed" : "list of %d paths and patterns set".formatted(items),
        line.get("scheduled").asInt());
  }
}
