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

/** {@code lighter evict}: has the running server evict what is beyond its limits, or say what. */
@Command(
    name = "evict",
    mixinStandardHelpOptions = true,
    description = {
      "Has the running server evict cached images until it is within storage.capacity and",
      "storage.freeSpace. It does so by itself; this says what goes, or would go next."
    })
public final class EvictCommand implements Callable<Integer> {
  @Mixin private AdminTarget server = new AdminTarget();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--dry-run", description = "Evict nothing; print what would go.")
  private boolean dryRun;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (AdminClient client = server.connect()) {
      client.call(
          "evict",
          Map.of("dryRun", Boolean.toString(dryRun)),
          line -> out.println(line.has("subject") ? image(line) : totals(line)));
    }
    out.flush();
    return 0;
  }

  private static String image(JsonNode line) {
    return "%10s  last used %s  %s"
        .formatted(
            new DataSize(line.get("bytes").asLong()).rounded(),
            line.get("lastUse").asString(),
            line.get("subject").asString());
  }

  private static String totals(JsonNode line) {
    String reason = line.get("reason").asString();
    if (reason.equals("none")) {
      return "cached content is within its limits";
    }
    return "%s %d images: %s of %s that have to go (%s)"
        .formatted(
            line.get("dryRun").asBoolean() ? "would evict" : "evicted",
            line.get("images").asLong(),
            new DataSize(line.get("bytes").asLong()).rounded(),
            new DataSize(line.get("wanted").asLong()).rounded(),
            reason);
  }
}
