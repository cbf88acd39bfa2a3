package io.lighter.bench.readiness;

import io.lighter.bench.load.BenchException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** Options about the node that containers run on. */
final class NodeChoice {
  @Option(
      names = "--address",
      paramLabel = "SOCKET",
      description = "Of containerd (default: /run/containerd/containerd.sock).")
  private String address = "/run/containerd/containerd.sock";

  @Option(
      names = "--namespace",
      paramLabel = "NAME",
      description =
          "Of containerd; emptied between runs, so it has to be empty before (default: readiness).")
  private String namespace = "readiness";

  @Option(
      names = "--enter",
      paramLabel = "PID",
      description =
          "In a privileged pod with hostPID: the process of the node whose namespaces hold containerd, mostly 1.")
  private Optional<Long> enter = Optional.empty();

  @Option(names = "--ctr", paramLabel = "PROGRAM", description = "On the node (default: ctr).")
  private String ctr = "ctr";

  @Option(
      names = "--cold",
      paramLabel = "COMMAND",
      description =
          "On the node, between runs, when images are removed: forgets what the lazy snapshotter keeps, for instance \"systemctl restart stargz-snapshotter\".")
  private String cold = "";

  @Option(
      names = "--snapshotter",
      paramLabel = "NAME",
      description = "For full pulls (default: overlayfs).")
  private String full = "overlayfs";

  @Option(
      names = "--lazy-snapshotter",
      paramLabel = "NAME",
      description = "For lazy pulls (default: stargz).")
  private String lazy = "stargz";

  @Option(
      names = "--pull",
      paramLabel = "COMMAND",
      description = "A full pull (default: ${DEFAULT-VALUE}).",
      defaultValue =
          "{ctr} --address {address} --namespace {namespace} images pull --snapshotter {snapshotter} {http} {hosts} {reference}")
  private String fullPull = "";

  @Option(
      names = "--lazy-pull",
      paramLabel = "COMMAND",
      description = "A lazy pull (default: ${DEFAULT-VALUE}).",
      defaultValue =
          "ctr-remote --address {address} --namespace {namespace} images rpull --snapshotter {snapshotter} {http} {reference}")
  private String lazyPull = "";

  @Option(
      names = "--scratch",
      paramLabel = "FOLDER",
      description = "On the node, for the output of a container (default: /tmp).")
  private String scratch = "/tmp";

  @Option(
      names = "--limit",
      paramLabel = "SECONDS",
      description = "For one pull, one start, one wait until ready (default: 300).")
  private long limit = 300;

  Duration limit() {
    if (limit < 1) {
      throw new BenchException("--limit %d is not allowed; allowed: 1 or more".formatted(limit));
    }
    return Duration.ofSeconds(limit);
  }

  ColdNode node(List<Arm> arms) {
    if (List.of("k8s.io", "moby", "default").contains(namespace)) {
      throw new BenchException(
          "--namespace %s is not allowed; allowed: one that nobody else uses, because all that is in it is removed"
              .formatted(namespace));
    }
    return new ContainerdNode(
        enter.map(ProcessShell::into).orElseGet(ProcessShell::here),
        new ContainerdOptions(
            ctr,
            address,
            namespace,
            full,
            lazy,
            words(fullPull),
            words(lazyPull),
            words(cold),
            scratch,
            limit()),
        arms.stream().map(Arm::pull).collect(Collectors.toSet()));
  }

  private static List<String> words(String command) {
    return command.isBlank() ? List.of() : List.of(command.strip().split("\\s+"));
  }
}
