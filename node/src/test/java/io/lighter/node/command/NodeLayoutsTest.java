package io.lighter.node.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.node.NodeException.Refused;
import io.lighter.node.command.NodeReport.State;
import io.lighter.node.host.Steps;
import io.lighter.node.plan.RuntimeKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Configurations as the distributions of Kubernetes and of containerd ship them. What becomes of
 * each is in src/test/resources/golden; {@code -Dlighter.golden=write} writes it anew, to be read
 * in the diff.
 */
class NodeLayoutsTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  @TempDir private Path root;

  static Stream<String> layouts() throws IOException {
    return folders(TestHost.NODES).filter(name -> !name.equals("refused"));
  }

  static Stream<String> refused() throws IOException {
    return folders(TestHost.NODES.resolve("refused"));
  }

  private static Stream<String> folders(Path path) throws IOException {
    try (Stream<Path> entries = Files.list(path)) {
      return entries.map(entry -> String.valueOf(entry.getFileName())).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void setUp_aKnownLayout_writesWhatIsExpected(String layout) throws IOException {
    TestHost host = host(layout);
    Map<String, String> before = host.tree();
    NodeReport report = host.setUp();
    assertThat(report.state()).isEqualTo(State.DONE);
    String result =
        describe(before, host.tree()) + "restarts " + restarts(host) + "\n" + report.notes();
    Path golden = GOLDEN.resolve(layout + ".txt");
    if ("write".equals(System.getProperty("lighter.golden"))) {
      Files.createDirectories(GOLDEN);
      Files.writeString(golden, result);
    }
    assertThat(result).isEqualTo(Files.readString(golden));
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void setUp_twice_changesAndRestartsNothingTheSecondTime(String layout) {
    TestHost host = host(layout);
    host.setUp();
    Map<String, String> once = host.tree();
    host.commands.clear();
    NodeReport report = host.setUp();
    assertThat(report.changed()).isEmpty();
    assertThat(host.tree()).isEqualTo(once);
    assertThat(host.commands).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void remove_afterSetUp_leavesTheNodeAsItWas(String layout) {
    TestHost host = host(layout);
    Map<String, String> before = host.tree();
    host.setUp();
    assertThat(host.tree()).isNotEqualTo(before);
    NodeReport report = host.setup().remove();
    assertThat(report.state()).isEqualTo(State.REMOVED);
    assertThat(host.tree()).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("refused")
  void setUp_aLayoutThatIsNotUnderstood_refusesAndChangesNothing(String layout) {
    TestHost host = TestHost.like(TestHost.NODES.resolve("refused").resolve(layout), root);
    Map<String, String> before = host.tree();
    assertThatThrownBy(host::setUp)
        .isInstanceOf(Refused.class)
        .message()
        .matches(text -> text.contains("/etc/") || text.contains("--runtime"), "says where");
    assertThat(host.tree()).isEqualTo(before);
    assertThat(host.commands).isEmpty();
    assertThat(host.changes(Steps.UNWATCHED).isTouched()).isFalse();
  }

  private TestHost host(String layout) {
    TestHost host = TestHost.like(TestHost.NODES.resolve(layout), root);
    if (layout.equals("podman")) { // no service that could be found; it is asked for by name
      host.runtime = Optional.of(RuntimeKind.PODMAN);
    }
    return host;
  }

  private static List<String> restarts(TestHost host) {
    return host.commands.stream()
        .filter(command -> command.startsWith("systemctl ") && !command.contains("daemon-reload"))
        .toList();
  }

  // New files whole, changed ones with the lines that went and came.
  private static String describe(Map<String, String> before, Map<String, String> after) {
    var text = new StringBuilder();
    new TreeMap<>(after)
        .forEach((path, now) -> {
          boolean ours = path.startsWith("/var/lib/lighter-node") || path.startsWith("/run");
          String was = before.get(path);
          if (ours || now.equals(was) || now.equals("folder")) {
            return;
          }
          text.append("== ").append(path).append('\n');
          if (was == null) {
            text.append(now);
          } else {
            text.append(
                Diff.edits(was.lines().toList(), now.lines().toList()).stream()
                    .filter(line -> !line.startsWith(" "))
                    .reduce("", (all, line) -> all + line + "\n"));
          }
        });
    return text.toString();
  }
}
