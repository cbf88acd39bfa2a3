package io.lighter.bench.readiness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.bench.load.BenchException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerdNodeTest {
  private static final String CTR = "ctr --address /run/c.sock --namespace ready ";
  private static final String DIGEST = "sha256:" + "a".repeat(64);

  @TempDir private Path root = Path.of("");
  private final List<String> commands = new ArrayList<>();
  private final Map<String, NodeShell.Outcome> outcomes = new HashMap<>();
  private final NodeShell shell =
      new NodeShell() {
        @Override
        public Outcome run(Duration limit, List<String> command) {
          String line = String.join(" ", command);
          commands.add(line);
          if (line.contains(" run -d ")) {
            writePid();
          }
          return outcomes.getOrDefault(line, new Outcome(0, "", "a warning\n"));
        }

        @Override
        public Path file(String path) {
          return root.resolve(Path.of(path).getFileName());
        }
      };

  private void writePid() {
    try {
      Files.writeString(root.resolve("lighter-readiness.pid"), "999999999");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ContainerdNode node() {
    var options =
        new ContainerdOptions(
            "ctr",
            "/run/c.sock",
            "ready",
            "overlayfs",
            "stargz",
            List.of("{ctr}", "-n", "{namespace}", "pull", "{http}", "{hosts}", "{reference}"),
            List.of("rpull", "-a", "{address}", "-s={snapshotter}", "{reference}"),
            List.of("forget", "all"),
            "/tmp",
            Duration.ofSeconds(9));
    return new ContainerdNode(shell, options, Set.of(PullKind.LAZY, PullKind.FULL));
  }

  private static Arm arm(PullKind pull, boolean plainHttp, Optional<String> hosts) {
    return new Arm(
        "web",
        "some",
        "host/web:1",
        pull,
        plainHttp,
        hosts,
        List.of("sleep", "9"),
        new ReadyCheck.Ended(),
        List.of(),
        Optional.empty());
  }

  private void say(String command, String output) {
    outcomes.put(CTR + command, new NodeShell.Outcome(0, output, "a warning\n"));
  }

  @Test
  void claim_namespaceWithImages_isRefused() {
    say("images ls -q", "docker.io/library/nginx:1\n");
    assertThatThrownBy(() -> node().claim())
        .isInstanceOf(BenchException.class)
        .hasMessageContaining(
            "namespace ready of containerd has images (docker.io/library/nginx:1");
  }

  @Test
  void makeCold_always_removesContainerImagesAndWhatTheCommandForgets() {
    say("images ls -q", "host/web:1\n");
    node().makeCold();
    assertThat(commands)
        .containsExactly(
            CTR + "tasks delete --force lighter-readiness",
            CTR + "containers delete lighter-readiness",
            CTR + "images ls -q",
            CTR + "images rm --sync host/web:1",
            "forget all",
            CTR + "version",
            CTR + "content ls -q",
            CTR + "snapshots --snapshotter overlayfs ls",
            CTR + "snapshots --snapshotter stargz ls");
  }

  @Test
  void makeCold_commandThatFails_saysWhatItSaid() {
    outcomes.put("forget all", new NodeShell.Outcome(3, "", "cannot forget\n"));
    assertThatThrownBy(() -> node().makeCold())
        .isInstanceOf(BenchException.class)
        .hasMessage("forget all: exit code 3: cannot forget");
  }

  @Test
  void pull_byKind_fillsTheCommand() {
    node().pull(arm(PullKind.FULL, true, Optional.of("/etc/c")));
    node().pull(arm(PullKind.FULL, false, Optional.empty()));
    node().pull(arm(PullKind.LAZY, true, Optional.empty()));
    assertThat(commands)
        .containsExactly(
            "ctr -n ready pull --plain-http --hosts-dir /etc/c host/web:1",
            "ctr -n ready pull host/web:1",
            "rpull -a /run/c.sock -s=stargz host/web:1");
  }

  @Test
  void start_container_isSeenByItsProcess() {
    ColdNode.RunningContainer container = node().start(arm(PullKind.LAZY, false, Optional.empty()));
    assertThat(commands)
        .containsExactly(
            CTR
                + "run -d --net-host --snapshotter stargz --log-uri file:///tmp/lighter-readiness.out"
                + " --pid-file /tmp/lighter-readiness.pid host/web:1 lighter-readiness sleep 9");
    assertThat(container.ended()).isTrue();
    assertThat(container.output()).isEmpty();
    outcomes.put(CTR + "tasks delete lighter-readiness", new NodeShell.Outcome(7, "", ""));
    assertThat(container.exitCode(Duration.ofSeconds(1))).isEqualTo(7);
  }

  @Test
  void start_withoutProcess_saysSo() {
    ContainerdNode node = node();
    outcomes.put(
        CTR
            + "run -d --net-host --snapshotter stargz --log-uri file:///tmp/lighter-readiness.out"
            + " --pid-file /tmp/lighter-readiness.pid host/web:1 lighter-readiness sleep 9",
        new NodeShell.Outcome(1, "", "no such image"));
    assertThatThrownBy(() -> node.start(arm(PullKind.LAZY, false, Optional.empty())))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("no such image");
  }

  @Test
  void storedBytes_sumsWhatContainerdPrints() {
    say(
        "content ls",
        "DIGEST\tSIZE\tAGE\tLABELS\nsha256:b\t54.2MB\t1s\t-\nsha256:c\t 2 KiB\t1s\t-\n");
    assertThat(node().storedBytes()).isEqualTo(54_202_048);
  }

  @Test
  void storedBytes_contentOfAnotherNamespace_isRefused() {
    say("namespaces ls -q", "ready\nk8s.io\n");
    outcomes.put(
        "ctr --address /run/c.sock --namespace k8s.io content ls -q",
        new NodeShell.Outcome(0, DIGEST + "\n", ""));
    say("content ls", "DIGEST\tSIZE\tAGE\tLABELS\n" + DIGEST + "\t54.2MB\t1s\t-\n");
    ContainerdNode node = node();
    node.claim();
    assertThatThrownBy(node::storedBytes)
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("take an image that the node does not have");
  }

  @Test
  void shell_realProcesses_answerWithTheirCodeAndOutput() {
    ProcessShell shellHere = ProcessShell.here();
    assertThat(
            shellHere.run(Duration.ofSeconds(9), List.of("sh", "-c", "echo a; echo b >&2; exit 4")))
        .isEqualTo(new NodeShell.Outcome(4, "a\n", "b\n"));
    assertThat(shellHere.run(Duration.ofMillis(50), List.of("sleep", "60")).succeeded()).isFalse();
    assertThat(shellHere.file("/tmp/x")).isEqualTo(Path.of("/tmp/x"));
    assertThat(ProcessShell.into(17).file("/tmp/x")).isEqualTo(Path.of("/proc/17/root/tmp/x"));
    assertThatThrownBy(() -> shellHere.run(Duration.ofSeconds(9), List.of("/no/such/program")))
        .isInstanceOf(BenchException.class);
  }
}
