package io.lighter.node.command;

import io.lighter.node.NodeException.Refused;
import io.lighter.node.change.NodeChanges;
import io.lighter.node.change.NodeChanges.Difference;
import io.lighter.node.change.Outcome;
import io.lighter.node.command.NodeReport.State;
import io.lighter.node.host.HostCommands;
import io.lighter.node.host.HostFiles;
import io.lighter.node.plan.NodePlan;
import io.lighter.node.plan.NodePlanner;
import io.lighter.node.plan.NodeView;
import io.lighter.node.plan.RestartUnit;
import io.lighter.node.plan.Wish;
import io.lighter.node.restart.RestartFailure;
import io.lighter.node.restart.RestartTurns.Turn;
import io.lighter.node.restart.Restarter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Sets one node up, and takes it back. The runtime of the host judges its new configuration before
 * it replaces the old one; if it does not come up with it nevertheless, the old one comes back.
 */
final class NodeSetup {
  private static final Duration JUDGEMENT = Duration.ofSeconds(30);
  private static final String STILL_READ =
      "stargz-snapshotter: containers that run read their files through it. Drain the node and remove"
          + " again";

  private final HostFiles files;
  private final NodeChanges changes;
  private final HostCommands commands;
  private final Optional<Restarter> restarter;

  /**
   * A node.
   *
   * @param restarter empty if nothing may restart
   */
  NodeSetup(
      HostFiles files, NodeChanges changes, HostCommands commands, Optional<Restarter> restarter) {
    this.files = files;
    this.changes = changes;
    this.commands = commands;
    this.restarter = restarter;
  }

  /** What a run would change; writes nothing. */
  List<Difference> preview(NodePlan plan) {
    return changes.differences(plan);
  }

  NodePlan plan(Wish wish) {
    return NodePlanner.plan(changes.original(), wish);
  }

  /** Whether a run would do anything. */
  boolean isSettled(NodePlan plan) {
    return preview(plan).isEmpty() && changes.pending().isEmpty();
  }

  /**
   * Brings the node to what the plan says.
   *
   * @throws Refused if the runtime does not understand its new configuration; nothing was changed
   */
  NodeReport apply(NodePlan plan, String containerdConfig) {
    judge(plan, containerdConfig);
    Outcome outcome = changes.apply(plan);
    if (outcome.restarts().isEmpty()) {
      return report(plan, State.DONE, outcome, List.of());
    }
    if (restarter.isEmpty()) {
      return report(plan, State.RESTART_PENDING, outcome, List.of());
    }
    Restarter service = restarter.get();
    NodeView node = changes.original();
    try (Turn turn = service.turn()) {
      try {
        List<String> notes = restartAll(service, outcome.restarts(), node.readsLazily());
        return report(plan, State.DONE, outcome, notes);
      } catch (RestartFailure e) {
        String failure = e.getMessage() + ". " + back(service);
        turn.halt(failure);
        return new NodeReport(
            State.FAILED, name(plan), false, List.of(), List.of(), List.of(), List.of(failure));
      }
    }
  }

  /** Takes everything back, as far as nobody else changed it and no container needs it. */
  NodeReport remove() {
    boolean needed = changes.original().readsLazily();
    Outcome first = changes.remove(RestartUnit::isInstalled);
    List<RestartUnit> installed =
        changes.readers().stream().filter(RestartUnit::isInstalled).toList();
    List<RestartUnit> others =
        first.restarts().stream().filter(unit -> !unit.isInstalled()).toList();
    if (restarter.isEmpty()) {
      return withoutRestart(first, installed, others);
    }
    var notes = new ArrayList<String>();
    if (!others.isEmpty() || !installed.isEmpty()) {
      Restarter service = restarter.get();
      try (Turn turn = service.turn()) {
        try {
          notes.addAll(restartAll(service, others, needed));
          if (needed && !installed.isEmpty()) {
            return removed(first, List.of(STILL_READ), List.of(), notes);
          }
          for (RestartUnit unit : installed) {
            service.retire(unit);
          }
        } catch (RestartFailure e) {
          turn.halt(e.getMessage());
          return NodeReport.of(State.FAILED, e.getMessage());
        }
      }
    }
    Outcome rest = changes.remove(_ -> false);
    changes.forget();
    var all = new ArrayList<>(first.changed());
    all.addAll(rest.changed());
    return removed(new Outcome(all, rest.leftAlone(), List.of()), List.of(), List.of(), notes);
  }

  private NodeReport withoutRestart(
      Outcome first, List<RestartUnit> installed, List<RestartUnit> others) {
    if (!installed.isEmpty()) {
      return removed(
          first,
          List.of("stargz-snapshotter: it cannot be stopped without restarts allowed"),
          others,
          List.of());
    }
    changes.forget();
    return removed(first, List.of(), others, List.of());
  }

  private static NodeReport removed(
      Outcome outcome, List<String> moreLeft, List<RestartUnit> restarts, List<String> notes) {
    var leftAlone = new ArrayList<>(outcome.leftAlone());
    leftAlone.addAll(moreLeft);
    State state =
        leftAlone.isEmpty()
            ? restarts.isEmpty() ? State.REMOVED : State.RESTART_PENDING
            : State.PARTLY_REMOVED;
    return new NodeReport(state, "", false, outcome.changed(), leftAlone, names(restarts), notes);
  }

  /** Whether anything of Lighter is on the node. */
  boolean isTouched() {
    return changes.isTouched();
  }

  /**
   * Files that somebody changed since they were written, and services that did not see them yet.
   */
  List<String> drift() {
    var drift = new ArrayList<String>();
    changes.drifted().forEach(path -> drift.add(path + " is not as it was written"));
    changes.pending().forEach(unit -> drift.add(unit.name() + " has to restart"));
    if (!changes.isTouched()) {
      drift.add("this node was never set up");
    }
    return drift;
  }

  private List<String> restartAll(Restarter service, List<RestartUnit> units, boolean lazyNow)
      throws RestartFailure {
    var notes = new ArrayList<String>();
    for (RestartUnit unit : Restarter.ordered(units)) {
      if (unit.servesContainers() && lazyNow) {
        notes.add(
            unit.name()
                + " is not restarted, because containers that run read their files through"
                + " it; it sees its new mirrors when it starts next");
        continue;
      }
      service.restart(unit);
      changes.restarted(unit);
    }
    service.awaitReady();
    return notes;
  }

  // A node that pulls the old way is better than one that does not start containers.
  private String back(Restarter service) {
    List<RestartUnit> installed =
        changes.readers().stream().filter(RestartUnit::isInstalled).toList();
    try {
      for (RestartUnit unit : installed) {
        service.retire(unit);
      }
    } catch (RestartFailure _) {
      // it did not even start; its files go all the same
    }
    List<RestartUnit> units = Restarter.ordered(changes.remove(_ -> false).restarts());
    try {
      for (RestartUnit unit : units) {
        if (unit.isInstalled()) {
          continue;
        }
        service.restart(unit);
      }
      changes.forget();
      return "What was there before is back.";
    } catch (RestartFailure e) {
      return "The files from before are back, but: " + e.getMessage();
    }
  }

  // containerd ignores keys that it does not know, but not values that it cannot read.
  private void judge(NodePlan plan, String containerdConfig) {
    for (Difference difference : changes.differences(plan)) {
      if (!difference.path().equals(containerdConfig)
          || difference.wanted().isEmpty()
          || !files.missingFolders(containerdConfig).isEmpty()) {
        continue;
      }
      String draft = files.draft(containerdConfig, difference.wanted().get().content());
      HostCommands.Outcome outcome =
          commands.run(JUDGEMENT, List.of("containerd", "--config", draft, "config", "dump"));
      files.deleteUnfinished(containerdConfig);
      if (!outcome.succeeded() && outcome.code() != HostCommands.Outcome.NOT_FOUND) {
        throw new Refused(
            "containerd does not accept "
                + containerdConfig
                + " as it would be: "
                + outcome.output().strip());
      }
    }
  }

  private static NodeReport report(NodePlan plan, State state, Outcome outcome, List<String> more) {
    var notes = new ArrayList<>(plan.notes());
    notes.addAll(more);
    return new NodeReport(
        state,
        name(plan),
        plan.lazy(),
        outcome.changed(),
        outcome.leftAlone(),
        state == State.DONE ? List.of() : names(outcome.restarts()),
        notes);
  }

  private static String name(NodePlan plan) {
    return plan.runtime().name().toLowerCase(Locale.ROOT);
  }

  private static List<String> names(List<RestartUnit> units) {
    return units.stream().map(RestartUnit::name).toList();
  }
}
