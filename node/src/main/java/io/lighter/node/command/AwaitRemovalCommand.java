package io.lighter.node.command;

import io.lighter.node.NodeException.HostFailure;
import io.lighter.node.NodeException.Refused;
import io.lighter.node.cluster.KubernetesApi;
import io.lighter.node.cluster.LeaseTurns;
import io.lighter.node.cluster.NodePods;
import io.lighter.node.cluster.NodePods.Standing;
import io.lighter.node.command.NodeReport.State;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lighter node await-removal}: what the chart runs before it uninstalls anything. */
@Command(
    name = "await-removal",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "In a pod: waits until the pods of a DaemonSet have put their nodes back, and names those"
            + " that have not; then removes the Lease by which they took turns. 0: all have, 1: not"
            + " within the limit, 3: there is nothing to wait for.")
final class AwaitRemovalCommand implements Callable<Integer> {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--daemonset",
      paramLabel = "NAME",
      required = true,
      description = "Whose pods are ready when their nodes are put back.")
  private String daemonSet = "";

  @Option(
      names = "--lease",
      paramLabel = "NAME",
      description = "The Lease (default: lighter-node).")
  private String lease = "lighter-node";

  @Option(
      names = "--limit",
      paramLabel = "SECONDS",
      description = "How long all nodes together may take (default: 240).")
  private long limit = 240;

  @Mixin private AccountOption account = new AccountOption();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try {
      KubernetesApi api =
          KubernetesApi.ofPod(System.getenv(), account.folder())
              .orElseThrow(() ->
                  new Refused(
                      "this is no pod with a service account: there is no API server, or no "
                          + account.folder().resolve("token")));
      Standing end =
          new NodePods(api, daemonSet, PAUSE)
              .awaitReady(Duration.ofSeconds(limit), standing -> say(out, progress(standing)));
      if (!end.isComplete()) {
        say(out, left(end));
        return NodeReport.of(State.FAILED, "").exitCode();
      }
      LeaseTurns.forget(api, lease);
      say(out, "every node is put back");
      return 0;
    } catch (Refused e) {
      say(out, e.getMessage());
      return NodeReport.of(State.REFUSED, "").exitCode();
    } catch (HostFailure e) {
      say(out, e.getMessage());
      return NodeReport.of(State.FAILED, "").exitCode();
    }
  }

  private static String progress(Standing standing) {
    return standing.ready().size()
        + " of "
        + standing.nodes()
        + " nodes are put back"
        + (standing.waiting().isEmpty()
            ? ""
            : "; not yet: " + String.join(", ", standing.waiting()));
  }

  private String left(Standing standing) {
    var left = new ArrayList<>(standing.waiting());
    if (standing.unseen() > 0) {
      left.add(standing.unseen() + " that have no pod");
    }
    if (left.isEmpty()) {
      left.add("unknown, because the Kubernetes API did not answer");
    }
    return "not put back within " + limit + " s: " + String.join(", ", left);
  }

  private static void say(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }
}
