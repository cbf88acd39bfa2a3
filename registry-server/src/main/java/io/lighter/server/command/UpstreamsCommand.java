package io.lighter.server.command;

import io.lighter.server.admin.AdminClient;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code lighter upstreams}: how the upstreams of the running server are doing. */
@Command(
    name = "upstreams",
    mixinStandardHelpOptions = true,
    description = {
      "Shows how the upstreams of the running server are doing, as their last answers say; none is",
      "asked for it. Ends with 3 if one does not answer."
    })
public final class UpstreamsCommand implements Callable<Integer> {
  private static final int NOT_ALL_ANSWER = 3;

  @Mixin private Look look = new Look();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    boolean resting = false;
    try (AdminClient client = look.connect()) {
      JsonNode answer = Look.view(client, "upstreams", Map.of());
      var table =
          new Table(
              "UPSTREAM",
              "STATE",
              ">CONNECTIONS",
              ">PULLS LEFT",
              ">FETCHED",
              ">REQUESTS",
              ">FAILED",
              "ENDPOINT");
      for (JsonNode upstream : answer.get("upstreams")) {
        resting |= upstream.get("state").asString().equals("resting");
        add(table, upstream);
      }
      if (look.isJson()) {
        out.println(answer);
      } else {
        Look.print(out, table, "no upstreams; the configuration names them under \"upstreams\"");
      }
    }
    out.flush();
    return resting ? NOT_ALL_ANSWER : 0;
  }

  private static void add(Table table, JsonNode upstream) {
    JsonNode traffic = upstream.get("traffic");
    JsonNode connections = upstream.get("connections");
    int taken =
        connections.get("question").asInt()
            + connections.get("range").asInt()
            + connections.get("download").asInt()
            + connections.get("background").asInt();
    JsonNode left = upstream.get("pullsLeft");
    table.add(
        upstream.get("name").asString(),
        state(upstream),
        "%d/%d".formatted(taken, connections.get("most").asInt()),
        left.isNull() ? "-" : Long.toString(left.asLong()),
        traffic.isNull() ? "-" : Look.size(traffic.get("bytes")),
        traffic.isNull() ? "-" : Long.toString(traffic.get("requests").asLong()),
        traffic.isNull() ? "-" : Long.toString(traffic.get("failed").asLong()),
        upstream.get("endpoint").asString());
  }

  private static String state(JsonNode upstream) {
    return upstream.get("state").asString().equals("resting")
        ? "resting for %d ms".formatted(upstream.get("restMilliseconds").asLong())
        : "open";
  }
}
