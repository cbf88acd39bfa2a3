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
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/**
 * {@code lighter gc}: has the running server collect garbage. The server does it, because nobody
 * else can open its store, and no push is lost only if one process decides.
 */
@Command(
    name = "gc",
    mixinStandardHelpOptions = true,
    description = "Has the running server remove what nothing keeps, and prints the totals.")
public final class GcCommand implements Callable<Integer> {
  @Mixin private AdminTarget server = new AdminTarget();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--dry-run",
      description = "Remove nothing; print each thing that would go, its size, and why.")
  private boolean dryRun;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (AdminClient client = server.connect()) {
      client.call(
          "gc",
          Map.of("dryRun", Boolean.toString(dryRun)),
          line -> out.println(line.has("kind") ? garbage(line) : totals(line)));
    }
    out.flush();
    return 0;
  }

  private static String garbage(JsonNode line) {
    return "%-14s %10s  %s  (%s)"
        .formatted(
            line.get("kind").asString(),
            new DataSize(line.get("bytes").asLong()).rounded(),
            line.get("subject").asString(),
            line.get("reason").asString());
  }

  private static String totals(JsonNode line) {
    return "%s %d manifests, %d links, %d conversions, %d blobs and %d orphans: %s on disk, %d ms%s"
        .formatted(
            line.get("dryRun").asBoolean() ? "would remove" : "removed",
            line.get("manifests").asLong(),
            line.get("links").asLong(),
            line.get("conversions").asLong(),
            line.get("blobs").asLong(),
            line.get("orphans").asLong(),
            new DataSize(line.get("bytes").asLong()).rounded(),
            line.get("milliseconds").asLong(),
            line.get("complete").asBoolean() ? "" : "; stopped before the end");
  }
}
