package io.lighter.node.command;

import io.lighter.node.NodeException.Refused;
import io.lighter.node.command.NodeReport.State;
import io.lighter.node.plan.NodePlan;
import io.lighter.node.plan.Wish;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lighter node setup}: sets the node up once and ends. */
@Command(
    name = "setup",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Sets this node up; 0: done, 1: failed, 3: refused, 4: something has to restart.")
final class SetupCommand implements Callable<Integer> {
  private static final int WOULD_CHANGE = 4;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--dry-run",
      description = "Print what would change and change nothing; 4 if something would.")
  private boolean dryRun;

  @Mixin private WishOptions wishes = new WishOptions();
  @Mixin private HostOptions host = new HostOptions();
  @Mixin private ReportOutput output = new ReportOutput();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try {
      Wish wish = wishes.wish();
      try (var _ = OneAtATime.on(host.files())) {
        NodeSetup setup = host.setup();
        NodePlan plan = setup.plan(wish);
        if (dryRun) {
          var differences = setup.preview(plan);
          out.print(Diff.of(differences));
          plan.notes().forEach(out::println);
          out.flush();
          return differences.isEmpty() ? 0 : WOULD_CHANGE;
        }
        NodeReport report = setup.apply(plan, wish.containerdConfig());
        ReportOutput.keep(host.files(), report);
        output.print(out, report);
        return report.exitCode();
      }
    } catch (Refused e) {
      NodeReport report = NodeReport.of(State.REFUSED, e.getMessage());
      output.print(out, report);
      return report.exitCode();
    }
  }
}
