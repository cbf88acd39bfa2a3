package io.lighter.node.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.node.NodeException.Refused;
import io.lighter.node.command.NodeReport.State;
import io.lighter.node.host.HostCommands.Outcome;
import io.lighter.node.plan.Lazy;
import io.lighter.node.plan.Wish;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeSetupTest {
  private static final String CONFIG = "/etc/containerd/config.toml";
  private static final String HOSTS = "/etc/containerd/certs.d/docker.io/hosts.toml";
  private static final String SOCKET = "/run/containerd-stargz-grpc/containerd-stargz-grpc.sock";

  @TempDir private Path root;

  private TestHost host() {
    return TestHost.like(TestHost.NODES.resolve("kubeadm-containerd-1.7"), root);
  }

  private static NodeReport setUp(TestHost host, Wish wish) {
    NodeSetup setup = host.setup();
    return setup.apply(setup.plan(wish), wish.containerdConfig());
  }

  @Test
  void setUp_onlyMirrorsChange_restartsNothing() {
    TestHost host = host();
    setUp(host, TestHost.wish("docker.io"));
    host.commands.clear();
    NodeReport report = setUp(host, TestHost.wish(Lazy.AUTO, "docker.io"));
    assertThat(report.changed()).isEmpty();
    Wish slower =
        new Wish(
            TestHost.wish("docker.io").registry(),
            TestHost.wish("docker.io").upstreams(),
            Lazy.AUTO,
            Optional.empty(),
            Duration.ofSeconds(2),
            CONFIG,
            false,
            Optional.empty());
    report = setUp(host, slower);
    assertThat(report.changed()).contains(HOSTS).doesNotContain(CONFIG);
    assertThat(host.commands).isEmpty();
    assertThat(host.read(HOSTS)).contains("2000ms");
  }

  @Test
  void setUp_anUpstreamLess_takesItsFileAway() {
    TestHost host = host();
    setUp(host, TestHost.wish("docker.io", "quay.io"));
    assertThat(root.resolve("etc/containerd/certs.d/quay.io/hosts.toml")).exists();
    setUp(host, TestHost.wish("docker.io"));
    assertThat(root.resolve("etc/containerd/certs.d/quay.io/hosts.toml")).doesNotExist();
    assertThat(host.read(HOSTS)).contains("registry-1.docker.io");
  }

  @Test
  void setUp_theRuntimeDoesNotComeUp_putsTheOldFilesBackAndRestartsAgain() {
    TestHost host = host();
    Map<String, String> before = host.tree();
    host.answers =
        command -> {
          boolean broken =
              command.contains(" plugins ls") && host.read(CONFIG).contains("\"stargz\"");
          return broken
              ? new Outcome(0, "io.containerd.grpc.v1     cri    linux/amd64    error\n")
              : TestHost.healthy(command);
        };
    NodeReport report = host.setUp();
    assertThat(report.state()).isEqualTo(State.FAILED);
    assertThat(report.notes()).singleElement().asString().contains("What was there before is back");
    assertThat(host.tree()).isEqualTo(before);
    assertThat(host.commands.stream().filter("systemctl restart containerd.service"::equals))
        .hasSize(2);
  }

  @Test
  void setUp_containerdRefusesTheNewFile_changesNothing() {
    TestHost host = host();
    Map<String, String> before = host.tree();
    host.answers =
        command ->
            command.contains("config dump")
                ? new Outcome(1, "containerd: invalid plugin config")
                : TestHost.healthy(command);
    assertThatThrownBy(host::setUp)
        .isInstanceOf(Refused.class)
        .hasMessageContaining("invalid plugin config");
    assertThat(host.tree()).isEqualTo(before);
  }

  @Test
  void setUp_killedAfterTheFilesBeforeTheRestart_restartsInTheNextRun() {
    TestHost host = host();
    host.answers =
        command -> {
          if (command.startsWith("systemctl restart")) {
            throw new IllegalStateException("killed");
          }
          return TestHost.healthy(command);
        };
    assertThatThrownBy(host::setUp).hasMessage("killed");
    host.answers = TestHost::healthy;
    host.commands.clear();
    NodeReport report = host.setUp();
    assertThat(report.state()).isEqualTo(State.DONE);
    assertThat(report.changed()).isEmpty();
    assertThat(host.commands).contains("systemctl restart containerd.service");
  }

  @Test
  void setUp_noSnapshotterAnswers_mirrorsOnlyAndSaysWhy() {
    TestHost host = host();
    host.silentSockets = Set.of(SOCKET);
    NodeReport report = host.setUp();
    assertThat(report.lazy()).isFalse();
    assertThat(report.notes()).singleElement().asString().contains(SOCKET);
    assertThat(host.read(CONFIG)).contains("snapshotter = \"overlayfs\"").contains("certs.d");
    assertThat(host.read(HOSTS)).doesNotContain("Lighter-View");
  }

  @Test
  void setUp_lazyRequiredWithoutSnapshotter_refuses() {
    TestHost host = host();
    host.silentSockets = Set.of(SOCKET);
    Map<String, String> before = host.tree();
    assertThatThrownBy(() -> setUp(host, TestHost.wish(Lazy.REQUIRE, "docker.io")))
        .isInstanceOf(Refused.class)
        .hasMessageContaining(SOCKET);
    assertThat(host.tree()).isEqualTo(before);
  }

  @Test
  void setUp_lazyContainersRun_doesNotRestartTheirSnapshotter() {
    TestHost host = host();
    host.write(
        "/proc/1/mounts", "stargz /var/lib/containerd-stargz-grpc/1/fs fuse.rawBridge rw 0 0\n");
    NodeReport report = host.setUp();
    assertThat(report.state()).isEqualTo(State.DONE);
    assertThat(report.notes()).anyMatch(note -> note.contains("is not restarted"));
    assertThat(host.commands).noneMatch("systemctl restart stargz-snapshotter.service"::equals);
  }

  @Test
  void remove_somebodyEditedAFile_leavesItAndSaysSo() {
    TestHost host = host();
    host.setUp();
    String edited = host.read(CONFIG) + "\n# mine\n";
    host.write(CONFIG, edited);
    NodeReport report = host.setup().remove();
    assertThat(report.state()).isEqualTo(State.PARTLY_REMOVED);
    assertThat(report.leftAlone()).singleElement().asString().contains(CONFIG);
    assertThat(host.read(CONFIG)).isEqualTo(edited);
    assertThat(root.resolve(HOSTS.substring(1))).doesNotExist();
  }

  @Test
  void setUp_somebodyWroteTheConfigurationAnew_changesItAgainAndRemembersTheNewOne() {
    TestHost host = host();
    host.setUp();
    host.write(CONFIG, "version = 2\n# a boot script\n");
    NodeReport report = host.setUp();
    assertThat(report.changed()).containsExactly(CONFIG);
    assertThat(host.read(CONFIG)).contains("stargz").contains("# a boot script");
    host.setup().remove();
    assertThat(host.read(CONFIG)).isEqualTo("version = 2\n# a boot script\n");
  }

  @Test
  void setUp_theConfigurationIsALink_changesItsTarget() throws IOException {
    TestHost host = new TestHost(root);
    host.write("/opt/config/containerd.toml", "version = 2\n");
    Files.createDirectories(root.resolve("etc/containerd"));
    Files.createSymbolicLink(
        root.resolve(CONFIG.substring(1)), Path.of("/opt/config/containerd.toml"));
    host.setUp();
    assertThat(Files.isSymbolicLink(root.resolve(CONFIG.substring(1)))).isTrue();
    assertThat(host.read("/opt/config/containerd.toml")).contains("stargz");
    host.setup().remove();
    assertThat(host.read("/opt/config/containerd.toml")).isEqualTo("version = 2\n");
  }

  @Test
  void setUp_withSnapshotterToInstall_enablesItBeforeContainerdAndRetiresItLast()
      throws IOException {
    TestHost host = host();
    host.silentSockets = Set.of(SOCKET);
    Map<String, String> before = host.tree();
    Path offered = root.resolveSibling("offered");
    Files.createDirectories(offered);
    Files.writeString(offered.resolve("containerd-stargz-grpc"), "program");
    Wish wish =
        new Wish(
            TestHost.wish().registry(),
            TestHost.wish().upstreams(),
            Lazy.REQUIRE,
            Optional.empty(),
            Duration.ofMillis(500),
            CONFIG,
            false,
            Optional.of(offered));
    NodeReport report = setUp(host, wish);
    assertThat(report.lazy()).isTrue();
    assertThat(host.commands)
        .containsSubsequence(
            "systemctl enable stargz-snapshotter.service",
            "systemctl restart stargz-snapshotter.service",
            "systemctl restart containerd.service");
    assertThat(Files.isExecutable(root.resolve("opt/lighter/bin/containerd-stargz-grpc"))).isTrue();

    host.write("/proc/1/mounts", "stargz /var/x fuse.rawBridge rw 0 0\n");
    assertThat(host.setup().remove().state()).isEqualTo(State.PARTLY_REMOVED);
    assertThat(host.read(CONFIG)).contains("snapshotter = \"overlayfs\"");
    assertThat(root.resolve("opt/lighter/bin/containerd-stargz-grpc")).exists();

    Files.delete(root.resolve("proc/1/mounts"));
    Files.delete(root.resolve("proc/1"));
    Files.delete(root.resolve("proc"));
    host.commands.clear();
    assertThat(host.setup().remove().state()).isEqualTo(State.REMOVED);
    assertThat(host.commands).contains("systemctl disable --now stargz-snapshotter.service");
    assertThat(host.tree()).isEqualTo(before);
  }

  @Test
  void upstream_thatHoldsSystemImages_isRefused() {
    assertThatThrownBy(() -> TestHost.wish("registry.k8s.io"))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("pause image");
  }
}
