package io.lighter.node.command;

import io.lighter.node.change.NodeChanges;
import io.lighter.node.cluster.KubernetesApi;
import io.lighter.node.cluster.LeaseTurns;
import io.lighter.node.cluster.ReadyNode;
import io.lighter.node.host.HostCommands;
import io.lighter.node.host.HostCommands.Outcome;
import io.lighter.node.host.HostFiles;
import io.lighter.node.host.HostSockets;
import io.lighter.node.host.Nsenter;
import io.lighter.node.host.Steps;
import io.lighter.node.restart.NodeReadiness;
import io.lighter.node.restart.RestartTurns;
import io.lighter.node.restart.Restarter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which host is meant, and how its services are reached. */
final class HostOptions {
  private static final Duration SHORTEST_LEASE = Duration.ofMinutes(5);

  // Two services, the node, and the same again on the way back.
  private static final int LIMITS_IN_A_TURN = 6;
  private static final Duration STEADY = Duration.ofSeconds(15);
  private static final Duration PAUSE = Duration.ofSeconds(2);

  @Option(
      names = "--root",
      paramLabel = "FOLDER",
      description = "Where the file system of the host is mounted (default: /).")
  private Path root = Path.of("/");

  @Option(
      names = "--no-restart",
      description = "Restart nothing; say what has to be restarted instead.")
  private boolean noRestart;

  @Option(
      names = "--nsenter",
      paramLabel = "PROGRAM",
      description = "The nsenter of util-linux, used if --root is not / (default: nsenter).")
  private String nsenter = "nsenter";

  @Option(
      names = "--node-name",
      defaultValue = "${env:NODE_NAME}",
      paramLabel = "NAME",
      description =
          "This node in Kubernetes; then one node at a time restarts, and each waits until it is"
              + " Ready again (default: the environment variable NODE_NAME).")
  private String nodeName = "";

  @Option(
      names = "--lease",
      paramLabel = "NAME",
      description = "The Lease that a node holds while it restarts (default: lighter-node).")
  private String lease = "lighter-node";

  @Mixin private AccountOption account = new AccountOption();

  @Option(
      names = "--restart-limit",
      paramLabel = "SECONDS",
      description =
          "How long a service may take to answer after its restart, and then the node to be Ready"
              + " (default: 90).")
  private long restartLimit = 90;

  HostFiles files() {
    return new HostFiles(root, Steps.UNWATCHED);
  }

  NodeSetup setup() {
    HostFiles files = files();
    HostCommands commands = commands();
    return new NodeSetup(
        files,
        new NodeChanges(files, HostSockets.below(files)),
        commands,
        noRestart ? Optional.empty() : Optional.of(restarter(commands)));
  }

  private HostCommands commands() {
    if (noRestart) {
      return (_, command) -> new Outcome(Outcome.NOT_FOUND, command.getFirst() + " is not asked");
    }
    return root.toAbsolutePath().normalize().equals(Path.of("/"))
        ? Nsenter.alreadyThere()
        : Nsenter.intoProcessOne(nsenter);
  }

  private Restarter restarter(HostCommands commands) {
    Optional<KubernetesApi> api =
        nodeName == null || nodeName.isEmpty()
            ? Optional.empty()
            : KubernetesApi.ofPod(System.getenv(), account.folder());
    RestartTurns turns =
        api.<RestartTurns>map(cluster -> new LeaseTurns(cluster, lease, nodeName, longest(), PAUSE))
            .orElse(RestartTurns.ALWAYS);
    NodeReadiness readiness =
        api.<NodeReadiness>map(cluster -> new ReadyNode(cluster, nodeName, STEADY, PAUSE))
            .orElse(NodeReadiness.UNASKED);
    return new Restarter(commands, turns, readiness, Duration.ofSeconds(restartLimit));
  }

  private Duration longest() {
    Duration longest = Duration.ofSeconds(restartLimit).multipliedBy(LIMITS_IN_A_TURN);
    return longest.compareTo(SHORTEST_LEASE) > 0 ? longest : SHORTEST_LEASE;
  }
}
