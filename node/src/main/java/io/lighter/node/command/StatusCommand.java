package io.lighter.node.command;

import io.lighter.node.NodeException.Refused;
import io.lighter.node.command.NodeReport.State;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lighter node status}: whether the node is set up; for readiness probes and people. */
@Command(
    name = "status",
    aliases = "check",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Says how this node stands; 0: set up and in effect, else what is missing.")
final class StatusCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--removed",
      description = "Ask instead whether nothing of Lighter is left: 0 if so.")
  private boolean removed;

  @Mixin private HostOptions host = new HostOptions();
  @Mixin private ReportOutput output = new ReportOutput();

  @Override
  public Integer call() {
    NodeReport report = report();
    output.print(spec.commandLine().getOut(), report);
    return report.exitCode();
  }

  private NodeReport report() {
    List<String> drift;
    try {
      NodeSetup setup = host.setup();
      if (removed) {
        return setup.isTouched()
            ? NodeReport.of(State.PARTLY_REMOVED, "something of Lighter is left")
            : NodeReport.of(State.REMOVED, "nothing of Lighter is left");
      }
      drift = setup.drift();
    } catch (Refused e) {
      return NodeReport.of(State.REFUSED, e.getMessage());
    }
    var last = ReportOutput.kept(host.files());
    if (last.isEmpty()) {
      var notes = new ArrayList<>(List.of("not set up since the host started"));
      notes.addAll(drift);
      return new NodeReport(
          State.RESTART_PENDING, "", false, List.of(), List.of(), List.of(), notes);
    }
    if (last.get().state() != State.DONE || drift.isEmpty()) {
      return last.get();
    }
    return new NodeReport(
        State.RESTART_PENDING,
        last.get().runtime(),
        last.get().lazy(),
        List.of(),
        List.of(),
        List.of(),
        drift);
  }
}
