package io.lighter.server.command;

import io.lighter.server.admin.AdminClient;
import io.lighter.server.config.ConfigException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code lighter images}: what the running server stores, and what became of it. */
@Command(
    name = "images",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the images that the running server stores, and whether they are lazy. With the name",
      "of a repository: its tags. With a tag or digest: both views of the image, and its layers."
    })
public final class ImagesCommand implements Callable<Integer> {
  private static final String PAGE = "500";

  @Mixin private Look look = new Look();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Most tags that are listed; ${DEFAULT-VALUE}.")
  private int limit;

  @Parameters(
      paramLabel = "REF",
      arity = "0..1",
      description = "A repository such as docker.io/library/nginx, or an image such as nginx:1.27.")
  private Optional<String> reference = Optional.empty();

  @Override
  public Integer call() {
    if (limit < 1) {
      throw new ConfigException("--limit: %d is not allowed; allowed: 1 or more".formatted(limit));
    }
    PrintWriter out = spec.commandLine().getOut();
    try (AdminClient client = look.connect()) {
      if (reference.isEmpty()) {
        new Listing(client, out).all();
      } else if (isRepository(reference.get())) {
        new Listing(client, out).only(reference.get());
      } else {
        JsonNode image = Look.view(client, "image", Map.of("image", reference.get()));
        out.println(look.isJson() ? image : text(image));
      }
    }
    out.flush();
    return 0;
  }

  private static boolean isRepository(String text) {
    return text.indexOf('@') < 0 && text.indexOf(':', text.lastIndexOf('/') + 1) < 0;
  }

  private static String text(JsonNode image) {
    var text = new StringBuilder();
    text.append("%s, %s%n".formatted(image.get("image").asString(), state(image)));
    text.append("original  %s%n".formatted(image.get("digest").asString()));
    String lazy = image.get("lazy").asString();
    text.append("lazy      %s%n".formatted(lazy.isEmpty() ? "none" : lazy));
    for (JsonNode platform : image.get("platforms")) {
      text.append("%n%s".formatted(platform(platform)));
    }
    return text.toString();
  }

  private static String platform(JsonNode platform) {
    String name = platform.get("platform").asString();
    if (!platform.get("stored").asBoolean()) {
      return name + ": nobody has pulled it\n";
    }
    var table = new Table("LAYER", ">SIZE", ">LAZY SIZE", "STATE", ">RANGES ASKED", ">BYTES ASKED");
    for (JsonNode layer : platform.get("layers")) {
      JsonNode lazy = layer.get("lazy");
      table.add(
          Look.digest(layer.get("digest")),
          Look.size(layer.get("size")),
          lazy.isNull() ? "-" : Look.size(lazy.get("size")),
          state(layer),
          lazy.isNull() ? "-" : Long.toString(lazy.get("ranges").asLong()),
          lazy.isNull() ? "-" : Look.size(lazy.get("rangeBytes")));
    }
    return (name.isEmpty() ? "" : name + '\n') + table.text() + '\n';
  }

  private static String state(JsonNode of) {
    String reason = of.get("reason").asString();
    return of.get("state").asString() + (reason.isEmpty() ? "" : ": " + reason);
  }

  /** Tags of one repository or of all, page by page. */
  private final class Listing {
    private final AdminClient client;
    private final PrintWriter out;
    private final Table table = new Table("REPOSITORY", "TAG", "STATE", ">SIZE", "DIGEST");
    private int listed;

    Listing(AdminClient client, PrintWriter out) {
      this.client = client;
      this.out = out;
    }

    void all() {
      String after = "";
      do {
        JsonNode page = Look.view(client, "repositories", Map.of("after", after, "limit", PAGE));
        for (JsonNode repository : page.get("repositories")) {
          tags(repository.get("name").asString());
        }
        after = page.get("next").asString();
      } while (!after.isEmpty() && listed < limit);
      end();
    }

    void only(String repository) {
      tags(repository);
      end();
    }

    private void tags(String repository) {
      String after = "";
      do {
        JsonNode page =
            Look.view(
                client, "tags", Map.of("repository", repository, "after", after, "limit", PAGE));
        for (JsonNode tag : page.get("tags")) {
          if (listed < limit) {
            listed++;
            add(page.get("repository").asString(), tag);
          }
        }
        after = page.get("next").asString();
      } while (!after.isEmpty() && listed < limit);
    }

    private void add(String repository, JsonNode tag) {
      if (look.isJson()) {
        out.println(((ObjectNode) tag).put("repository", repository));
        return;
      }
      int manifests = tag.get("manifests").asInt();
      table.add(
          repository,
          tag.get("tag").asString(),
          state(tag),
          manifests > 0 ? manifests + " manifests" : Look.size(tag.get("bytes")),
          Look.digest(tag.get("digest")));
    }

    private void end() {
      if (!look.isJson()) {
        Look.print(
            out,
            table,
            "no images; pull one with \"lighter pull docker.io/library/nginx:1.27\", or push one");
      }
      if (listed >= limit) {
        spec.commandLine()
            .getErr()
            .println(
                "lighter: there may be more than %d tags; --limit lists more".formatted(limit));
      }
    }
  }
}
