package io.lighter.node.restart;

import io.lighter.node.host.HostCommands;
import io.lighter.node.host.HostCommands.Outcome;
import io.lighter.node.plan.RestartUnit;
import io.lighter.node.restart.RestartTurns.Turn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Restarts services of the host and waits until they answer. Containers run on meanwhile: neither
 * containerd nor CRI-O is the parent of what it started.
 */
public final class Restarter {
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final HostCommands commands;
  private final RestartTurns turns;
  private final NodeReadiness readiness;
  private final Duration limit;

  /**
   * A restarter for one node.
   *
   * @param limit how long a service may take to answer again, and the node to be Ready
   */
  public Restarter(
      HostCommands commands, RestartTurns turns, NodeReadiness readiness, Duration limit) {
    this.commands = commands;
    this.turns = turns;
    this.readiness = readiness;
    this.limit = limit;
  }

  /** Takes this node's turn, which holds for several {@link #restart}s. Blocks. */
  public Turn turn() {
    return turns.take();
  }

  /** The order in which services restart: what others need comes first. */
  public static List<RestartUnit> ordered(List<RestartUnit> units) {
    return units.stream()
        .sorted(Comparator.comparingInt(unit -> unit.servesContainers() ? 0 : 1))
        .toList();
  }

  /**
   * Restarts one service and waits until it answers; blocks.
   *
   * @throws RestartFailure if it does not within the limit
   */
  public void restart(RestartUnit unit) throws RestartFailure {
    systemctl("daemon-reload");
    if (unit.isInstalled()) {
      systemctl("enable", unit.name());
      systemctl("restart", unit.name());
    } else {
      systemctl(unit.verb(), unit.name());
    }
    long deadline = System.nanoTime() + limit.toNanos();
    Outcome last;
    do {
      last = commands.run(limit, unit.probe());
      if (Health.isGood(unit, last)) {
        return;
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    } while (System.nanoTime() < deadline);
    throw new RestartFailure(
        unit.name()
            + " does not answer as it should "
            + TimeUnit.NANOSECONDS.toSeconds(limit.toNanos())
            + " s after its restart: "
            + lastLine(last.output()));
  }

  /**
   * Waits until the cluster counts on this node again; blocks.
   *
   * @throws RestartFailure if it does not within the limit
   */
  public void awaitReady() throws RestartFailure {
    if (!readiness.await(limit)) {
      throw new RestartFailure(
          "the node is not Ready " + limit.toSeconds() + " s after the restart");
    }
  }

  /** Stops a service that Lighter installed, for good. */
  public void retire(RestartUnit unit) throws RestartFailure {
    systemctl("disable", "--now", unit.name());
  }

  private void systemctl(String... words) throws RestartFailure {
    var command = new ArrayList<>(List.of("systemctl"));
    command.addAll(List.of(words));
    Outcome outcome = commands.run(limit, command);
    if (!outcome.succeeded()) {
      throw new RestartFailure(
          String.join(" ", command)
              + " failed with code "
              + outcome.code()
              + ": "
              + lastLine(outcome.output()));
    }
  }

  private static String lastLine(String output) {
    return output.lines().reduce("it said nothing", (_, line) -> line);
  }
}
