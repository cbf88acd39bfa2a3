package io.lighter.server.command;

import io.lighter.server.admin.AdminClient;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code lighter config reload}: has the running server read its configuration again. */
@Command(
    name = "reload",
    mixinStandardHelpOptions = true,
    description = {
      "Has the running server read its configuration again, and says what is in force by that and",
      "what needs a restart. With any mistake in it nothing changes."
    })
public final class ConfigReloadCommand implements Callable<Integer> {
  @Mixin private AdminTarget server = new AdminTarget();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (AdminClient client = server.connect()) {
      client.call("reload", Map.of(), line -> tell(out, line));
    }
    out.flush();
    return 0;
  }

  private static void tell(PrintWriter out, JsonNode line) {
    JsonNode changed = line.get("changed");
    out.println(changed.isEmpty() ? "nothing changes" : "in force: " + keys(changed));
    if (!line.get("restart").isEmpty()) {
      out.println("needs a restart: " + keys(line.get("restart")));
    }
  }

  private static String keys(JsonNode list) {
    return list.valueStream().map(JsonNode::asString).collect(Collectors.joining(", "));
  }
}
