package io.lighter.bench.readiness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lighter.bench.load.RawServer;
import io.lighter.bench.readiness.FakeNode.Behaviour;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ExperimentTest {
  private final List<List<String>> commands = new ArrayList<>();
  private final NodeShell here =
      new NodeShell() {
        @Override
        public Outcome run(Duration limit, List<String> command) {
          commands.add(command);
          return new Outcome(command.getFirst().equals("false") ? 1 : 0, "", "said so");
        }

        @Override
        public Path file(String path) {
          return Path.of(path);
        }
      };

  static Arm arm(String name, ReadyCheck ready, String... before) {
    return new Arm(
        "web",
        name,
        "host/" + name,
        PullKind.FULL,
        false,
        Optional.empty(),
        List.of(),
        ready,
        List.of(before),
        Optional.empty());
  }

  private List<Run> run(FakeNode node, List<Counter> counters, int rounds, Arm... arms) {
    var runs = new ArrayList<Run>();
    new Experiment(node, here, counters, Duration.ofSeconds(20), node::now)
        .run(List.of(arms), 1, rounds, runs::add, () -> false);
    return runs;
  }

  private static byte[] answer(int status, String body) {
    return "HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(status, body.length(), body)
        .getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void run_twoArms_takesThemInTurnEachOnAColdNode() {
    var node =
        new FakeNode(
            Map.of("a", new Behaviour(0, 0, 0, "", 0), "b", new Behaviour(0, 0, 0, "", 0)));
    run(node, List.of(), 2, arm("a", new ReadyCheck.Ended()), arm("b", new ReadyCheck.Ended()));
    assertThat(node.done)
        .containsExactly(
            "claim", "cold", "pull a", "start a", "cold", "pull b", "start b", "cold", "pull a",
            "start a", "cold", "pull b", "start b", "cold");
  }

  @Test
  void run_programThatEnds_tellsThePhasesApart() {
    var node = new FakeNode(Map.of("a", new Behaviour(2000, 300, 700, "", 0)));
    List<Run> runs = run(node, List.of(), 1, arm("a", new ReadyCheck.Ended()));
    assertThat(runs).hasSize(1);
    Run run = runs.getFirst();
    assertThat(run.error()).isEmpty();
    assertThat(run.pull()).isCloseTo(2.0, within(0.01));
    assertThat(run.start()).isCloseTo(0.3, within(0.01));
    assertThat(run.ready()).isCloseTo(0.7, within(0.05));
    assertThat(run.total()).isCloseTo(3.0, within(0.06));
    assertThat(run.figures()).containsEntry(Run.STORED, 3.5);
  }

  @Test
  void run_programThatFails_isAnError() {
    var node = new FakeNode(Map.of("a", new Behaviour(0, 0, 0, "no module", 3)));
    assertThat(run(node, List.of(), 1, arm("a", new ReadyCheck.Ended())).getFirst().error())
        .contains("exit code 3: no module");
  }

  @Test
  void run_lineThatComes_isReady() {
    var node = new FakeNode(Map.of("a", new Behaviour(0, 0, 9000, "one\nit listens\n", 0)));
    assertThat(run(node, List.of(), 1, arm("a", new ReadyCheck.Line("listens"))).getFirst())
        .satisfies(run -> assertThat(run.error()).isEmpty())
        .satisfies(run -> assertThat(run.ready()).isLessThan(1));
  }

  @Test
  void run_lineThatNeverComes_isAnErrorWhenTheProgramHasEnded() {
    var node = new FakeNode(Map.of("a", new Behaviour(0, 0, 100, "one\n", 0)));
    assertThat(run(node, List.of(), 1, arm("a", new ReadyCheck.Line("two"))).getFirst().error())
        .contains("it ended before it was ready: one");
  }

  @Test
  void run_neverReady_isAnErrorAfterTheLimit() {
    var node = new FakeNode(Map.of("a", new Behaviour(0, 0, 1_000_000, "", 0)), 1000);
    assertThat(run(node, List.of(), 1, arm("a", new ReadyCheck.Line("two"))).getFirst().error())
        .contains("not ready within 20 s");
  }

  @Test
  void run_oneArmThatFails_doesNotKeepTheOthersFromRunning() {
    var node = new FakeNode(Map.of("b", new Behaviour(0, 0, 0, "", 0)));
    List<Run> runs =
        run(node, List.of(), 1, arm("a", new ReadyCheck.Ended()), arm("b", new ReadyCheck.Ended()));
    assertThat(runs)
        .extracting(Run::error)
        .containsExactly(Optional.of("no such image"), Optional.empty());
  }

  @Test
  void run_commandBefore_isRunOnceTheNodeIsCold() {
    var node = new FakeNode(Map.of("a", new Behaviour(0, 0, 0, "", 0)));
    Run good = run(node, List.of(), 1, arm("a", new ReadyCheck.Ended(), "empty", "it")).getFirst();
    Run bad = run(node, List.of(), 1, arm("a", new ReadyCheck.Ended(), "false")).getFirst();
    assertThat(commands).containsExactly(List.of("empty", "it"), List.of("false"));
    assertThat(good.error()).isEmpty();
    assertThat(bad.error()).contains("what comes before it: said so");
    assertThat(node.done)
        .containsExactly("claim", "cold", "pull a", "start a", "cold", "claim", "cold", "cold");
  }

  @Test
  void run_http_isReadyAtThe200WithTheRightBody() throws IOException {
    var asked = new AtomicInteger();
    try (var server =
        new RawServer(_ -> {
          byte[] reply =
              switch (asked.incrementAndGet()) {
                case 1, 2 -> answer(503, "a lighter");
                case 3 -> answer(200, "another");
                default -> answer(200, "a lighter");
              };
          return RawServer.Reply.of(reply);
        })) {
      var node = new FakeNode(Map.of("a", new Behaviour(0, 0, 100_000, "", 0)));
      var check = new ReadyCheck.Http(URI.create(server.url("/").toString()), "a lighter");
      assertThat(run(node, List.of(), 1, arm("a", check)).getFirst().error()).isEmpty();
      assertThat(asked).hasValue(4);
    }
  }

  @Test
  void run_httpThatIsAnsweredBefore_isAnError() throws IOException {
    try (var server = new RawServer(_ -> RawServer.Reply.of(answer(200, "somebody else")))) {
      var node = new FakeNode(Map.of("a", new Behaviour(0, 0, 100_000, "", 0)));
      var check = new ReadyCheck.Http(URI.create(server.url("/").toString()), "");
      assertThat(run(node, List.of(), 1, arm("a", check)).getFirst().error().orElse(""))
          .endsWith("is answered before anything runs");
    }
  }

  @Test
  void run_counters_areDifferencesAndSumsOfTheSameName() throws IOException {
    var asked = new AtomicInteger();
    try (var server =
        new RawServer(_ ->
            RawServer.Reply.of(
                answer(
                    200,
                    asked.incrementAndGet() == 1
                        ? "# HELP sent_bytes x\nsent_bytes{a=\"1 2\"} 10\nsent_bytes{a=\"2\"} 5\nother 7\n"
                        : "sent_bytes{a=\"1 2\"} 2000010\nsent_bytes{a=\"2\"} 1000005 1700000000\nother 8\n")))) {
      URI url = URI.create(server.url("/metrics").toString());
      var counters =
          List.of(
              new Counter("MB", url, "sent_bytes{", 1e6),
              new Counter("MB", url, "other", 1),
              new Counter("lost", URI.create("http://127.0.0.1:1/"), "x", 1));
      var node = new FakeNode(Map.of("a", new Behaviour(0, 0, 0, "", 0)));
      assertThat(run(node, counters, 1, arm("a", new ReadyCheck.Ended())).getFirst().figures())
          .containsEntry("MB", 4.0)
          .doesNotContainKey("lost");
    }
  }

  @Test
  void run_nodeThatDoesNotGetCold_keepsWhatWasSeenBefore() {
    var node = new FakeNode(Map.of("a", new Behaviour(1, 1, 1, "", 0)));
    node.getsColdOnly(2);
    var runs = new ArrayList<Run>();
    var experiment = new Experiment(node, here, List.of(), Duration.ofSeconds(20), node::now);
    assertThatThrownBy(() ->
            experiment.run(List.of(arm("a", new ReadyCheck.Ended())), 1, 9, runs::add, () -> false))
        .hasMessage("still warm");
    assertThat(runs).extracting(Run::round).containsExactly(1, 2);
  }

  @Test
  void run_stopped_beginsNoOther() {
    var node = new FakeNode(Map.of("a", new Behaviour(0, 0, 0, "", 0)));
    var runs = new ArrayList<Run>();
    new Experiment(node, here, List.of(), Duration.ofSeconds(1), node::now)
        .run(List.of(arm("a", new ReadyCheck.Ended())), 1, 9, runs::add, () -> true);
    assertThat(runs).isEmpty();
    assertThat(node.done).containsExactly("claim", "cold");
  }
}
