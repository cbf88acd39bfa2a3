package io.lighter.node.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.json.JsonMapper;

class NodeCommandTest {
  @TempDir private Path root;
  private TestHost host;
  private final StringWriter out = new StringWriter();

  @BeforeEach
  void host() {
    host = TestHost.like(TestHost.NODES.resolve("kubeadm-containerd-1.7"), root);
  }

  private int lighter(String... arguments) {
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--root", root.toString(), "--no-restart"));
    out.getBuffer().setLength(0);
    return new CommandLine(new NodeCommand())
        .setOut(new PrintWriter(out))
        .execute(all.toArray(String[]::new));
  }

  @Test
  void dryRun_printsTheDifferenceAndChangesNothing() {
    Map<String, String> before = host.tree();
    assertThat(lighter("setup", "--dry-run")).isEqualTo(4);
    assertThat(out.toString())
        .contains("--- /etc/containerd/config.toml\n+++ /etc/containerd/config.toml\n")
        .contains("-      config_path = \"\"\n+      config_path = \"/etc/containerd/certs.d\"\n")
        .contains("--- /dev/null\n+++ /etc/containerd/certs.d/docker.io/hosts.toml\n")
        .contains("+server = \"https://registry-1.docker.io\"\n");
    before.put("/run/lighter-node.lock", host.tree().get("/run/lighter-node.lock"));
    assertThat(host.tree()).isEqualTo(before);
  }

  @Test
  void setupStatusAndRemove_tellHowTheNodeStands() {
    Map<String, String> before = host.tree();
    assertThat(lighter("status")).isEqualTo(4);
    assertThat(out.toString()).contains("never set up");
    assertThat(lighter("setup", "--json")).isEqualTo(4);
    var report = JsonMapper.shared().readTree(out.toString());
    assertThat(report.path("state").asString()).isEqualTo("RESTART_PENDING");
    assertThat(report.path("restarts").toString()).isEqualTo("[\"containerd.service\"]");
    assertThat(lighter("check")).isEqualTo(4);
    assertThat(lighter("status", "--removed")).isEqualTo(4);
    assertThat(lighter("remove")).isEqualTo(4);
    assertThat(lighter("status", "--removed")).isZero();
    var after = host.tree();
    after.keySet().removeIf(path -> path.startsWith("/run/"));
    before.keySet().removeIf(path -> path.startsWith("/run/"));
    assertThat(after).isEqualTo(before);
  }

  @Test
  void status_ofANodeThatIsDone_answersZeroUntilSomebodyChangesAFile() {
    host.setUp();
    ReportOutput.keep(
        host.files(_ -> {}), NodeReport.of(NodeReport.State.DONE, "set up by a test"));
    assertThat(lighter("status")).isZero();
    host.write("/etc/containerd/config.toml", "version = 2\n");
    assertThat(lighter("status")).isEqualTo(4);
    assertThat(out.toString()).contains("/etc/containerd/config.toml is not as it was written");
  }

  @Test
  void awaitRemoval_outsideOfACluster_refuses() {
    var command = new CommandLine(new NodeCommand()).setOut(new PrintWriter(out));
    assertThat(
            command.execute(
                "await-removal", "--daemonset", "any", "--service-account", root.toString()))
        .isEqualTo(3);
    assertThat(out.toString()).contains("no pod with a service account").contains("token");
  }

  @Test
  void setup_refused_saysWhatToDoAndAnswersThree() {
    host.write("/etc/containerd/config.toml", "version = 1\n");
    assertThat(lighter("setup")).isEqualTo(3);
    assertThat(out.toString()).contains("version 1").contains("containerd config migrate");
    assertThat(lighter("setup", "--lazy", "maybe")).isEqualTo(3);
    assertThat(out.toString()).contains("allowed are auto, require, off");
    assertThat(lighter("setup", "--upstream", "https://docker.io")).isEqualTo(3);
  }
}
