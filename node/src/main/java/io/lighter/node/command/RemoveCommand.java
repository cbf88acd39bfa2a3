package io.lighter.node.command;

import io.lighter.node.NodeException.Refused;
import io.lighter.node.command.NodeReport.State;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lighter node remove}: puts the node back to what it was. */
@Command(
    name = "remove",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Puts this node back as it was; 0: done, 1: failed, 4: not all, or a restart is due.")
final class RemoveCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private HostOptions host = new HostOptions();
  @Mixin private ReportOutput output = new ReportOutput();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    NodeReport report;
    try (var _ = OneAtATime.on(host.files())) {
      report = host.setup().remove();
      ReportOutput.keep(host.files(), report);
    } catch (Refused e) {
      report = NodeReport.of(State.REFUSED, e.getMessage());
    }
    output.print(out, report);
    return report.exitCode();
  }
}
