package io.lighter.node.command;

import io.lighter.node.NodeException.HostFailure;
import io.lighter.node.NodeException.Refused;
import io.lighter.node.command.NodeReport.State;
import io.lighter.node.plan.NodePlan;
import io.lighter.node.plan.Wish;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code lighter node run}: what the DaemonSet runs. Sets the node up, then looks from time to time
 * whether somebody changed it, such as a boot script that writes containerd's configuration anew.
 * Its end changes nothing on the node: pods come and go, the set-up stays until it is removed.
 */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Sets this node up and keeps it so, until it is told to remove everything.")
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      description = "How often the node is looked at (default: 60).")
  private long interval = 60;

  @Option(
      names = "--remove-when",
      paramLabel = "FILE",
      description =
          "When this file appears, seen from this process, everything is removed once and nothing"
              + " is set up any more. For uninstallation.")
  private @Nullable Path removeWhen;

  @Mixin private WishOptions wishes = new WishOptions();
  @Mixin private HostOptions host = new HostOptions();
  @Mixin private ReportOutput output = new ReportOutput();

  private @Nullable NodeReport last;

  @Override
  public Integer call() throws InterruptedException {
    Wish wish;
    try {
      wish = wishes.wish();
    } catch (Refused e) {
      say(NodeReport.of(State.REFUSED, e.getMessage()));
      return NodeReport.of(State.REFUSED, "").exitCode();
    }
    var never = new CountDownLatch(1);
    Duration pause = Duration.ofSeconds(Math.max(1, interval));
    while (true) {
      look(wish);
      if (never.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        return 0;
      }
    }
  }

  private void look(Wish wish) {
    NodeReport report;
    try (var _ = OneAtATime.on(host.files())) {
      report = removeWhen != null && Files.exists(removeWhen) ? removed() : kept(wish);
    } catch (Refused e) {
      report = NodeReport.of(State.REFUSED, e.getMessage());
    } catch (HostFailure e) {
      report = NodeReport.of(State.FAILED, e.getMessage());
    }
    if (!report.equals(last)) {
      say(report);
      ReportOutput.keep(host.files(), report);
      last = report;
    }
  }

  private NodeReport removed() {
    NodeReport done = last;
    return done != null && done.state() == State.REMOVED ? done : host.setup().remove();
  }

  // A runtime that did not come up with these files does not get them a second time.
  private NodeReport kept(Wish wish) {
    NodeReport before = last;
    if (before != null && before.state() == State.FAILED && !before.runtime().isEmpty()) {
      return before;
    }
    NodeSetup setup = host.setup();
    NodePlan plan = setup.plan(wish);
    if (before != null && before.state() == State.DONE && setup.isSettled(plan)) {
      return before;
    }
    return setup.apply(plan, wish.containerdConfig());
  }

  private void say(NodeReport report) {
    PrintWriter out = spec.commandLine().getOut();
    output.print(out, report);
  }
}
