package io.lighter.server.command;

import io.lighter.server.admin.AdminClient;
import io.lighter.server.config.ConfigException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code lighter conversions}: the queue of the running server, with reasons. */
@Command(
    name = "conversions",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what the running server converts, what waits, and what it gave up and why. With",
      "--retry or --retry-parked those are converted again."
    })
public final class ConversionsCommand implements Callable<Integer> {
  private static final String MOST = "1000";

  @Mixin private Look look = new Look();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--retry",
      paramLabel = "REF",
      description = "Convert this image again; may be repeated.")
  private List<String> retry = List.of();

  @Option(names = "--retry-parked", description = "Convert again all that were given up.")
  private boolean retryParked;

  @Override
  public Integer call() {
    if (retryParked && !retry.isEmpty()) {
      throw new ConfigException("--retry and --retry-parked exclude each other; say one");
    }
    PrintWriter out = spec.commandLine().getOut();
    try (AdminClient client = look.connect()) {
      if (retryParked) {
        again(client, out, Map.of("parked", "true"));
      } else if (!retry.isEmpty()) {
        for (String image : retry) {
          again(client, out, Map.of("image", image));
        }
      } else {
        JsonNode queue = Look.view(client, "conversions", Map.of("limit", MOST));
        out.println(look.isJson() ? queue : text(queue));
      }
    }
    out.flush();
    return 0;
  }

  private void again(AdminClient client, PrintWriter out, Map<String, String> parameters) {
    var done = new ArrayList<JsonNode>();
    client.call(
        "reconvert",
        parameters,
        line -> {
          done.add(line);
          out.println(look.isJson() ? line : said(line));
        });
    if (done.isEmpty() && !look.isJson()) {
      out.println("nothing was given up, so nothing is converted again");
    }
  }

  private static String said(JsonNode line) {
    return "%s@%s %s"
        .formatted(
            line.get("repository").asString(),
            line.get("digest").asString(),
            line.get("added").asBoolean()
                ? "waits for its conversion now"
                : "was waiting or being converted already");
  }

  private static String text(JsonNode queue) {
    var table = new Table("STATE", "REPOSITORY", "DIGEST", ">SINCE", ">ATTEMPTS", "REASON");
    rows(table, "running", queue.get("running"), "since");
    rows(table, "waiting", queue.get("waiting"), "enqueuedAt");
    rows(table, "parked", queue.get("parked"), "enqueuedAt");
    JsonNode counts = queue.get("counts");
    String sums =
        "%d running, %d waiting, %d parked"
            .formatted(
                counts.get("running").asInt(),
                counts.get("waiting").asInt(),
                counts.get("parked").asInt());
    String help =
        counts.get("parked").asInt() > 0
            ? "; \"lighter conversions --retry-parked\" has those tried again"
            : "";
    return (table.isEmpty() ? "" : table.text() + '\n') + sums + help;
  }

  private static void rows(Table table, String state, JsonNode entries, String since) {
    for (JsonNode entry : entries) {
      table.add(
          state,
          entry.get("repository").asString(),
          Look.digest(entry.get("digest")),
          Look.age(entry.get(since)),
          Integer.toString(entry.get("attempts").asInt()),
          entry.has("reason") ? entry.get("reason").asString() : "");
    }
  }
}
