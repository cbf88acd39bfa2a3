package io.lighter.node.restart;

import io.lighter.node.host.HostCommands.Outcome;
import io.lighter.node.plan.RestartUnit;
import java.util.List;

/**
 * What the answer of a service's probe says. {@code ctr plugins ls} answers for a containerd whose
 * CRI plugin did not load, too; so the plugin's own line is read: TYPE ID PLATFORMS STATUS.
 */
final class Health {
  private Health() {}

  static boolean isGood(RestartUnit unit, Outcome probe) {
    if (!probe.succeeded()) {
      return false;
    }
    List<List<String>> lines =
        probe.output().lines().map(line -> List.of(line.trim().split("\\s+", -1))).toList();
    return unit.healthy().stream()
        .allMatch(plugin ->
            lines.stream()
                .anyMatch(words ->
                    words.size() > 2
                        && words.get(1).equals(plugin)
                        && words.getLast().equals("ok")));
  }
}
