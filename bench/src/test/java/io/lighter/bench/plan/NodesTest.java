package io.lighter.bench.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.bench.load.BlobAnswers;
import io.lighter.bench.load.ByteRange;
import io.lighter.bench.load.Call;
import io.lighter.bench.load.FailureKind;
import io.lighter.bench.load.LoadGenerator;
import io.lighter.bench.load.RawServer;
import io.lighter.bench.load.Tally;
import io.lighter.bench.load.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodesTest {
  private final BlobAnswers answers = new BlobAnswers(new byte[1000]);

  private static PlannedCall call(Kind kind, int lane, String path, List<Integer> after) {
    return call(kind, lane, path, after, Duration.ZERO);
  }

  private static PlannedCall call(
      Kind kind, int lane, String path, List<Integer> after, Duration at) {
    return new PlannedCall(
        kind,
        lane,
        at,
        after,
        () -> Call.ranges(path, List.of(new ByteRange(3, 40)), 1000, Optional.empty()));
  }

  private static Nodes.Result run(RawServer server, List<PlannedCall> plan, int nodes) {
    try (var generator = new LoadGenerator(Duration.ofSeconds(10), false)) {
      Target target = Target.of(server.url("/"), List.of());
      return new Nodes(generator, target, plan, () -> false).run(nodes, Duration.ofMillis(1));
    }
  }

  @Test
  void run_requestsThatDependOnEachOther_areSentInTheirOrder() throws IOException {
    var plan =
        List.of(
            call(Kind.MANIFEST, 0, "/a", List.of()),
            call(Kind.PROBE, 1, "/b", List.of(0)),
            call(Kind.FOOTER, 2, "/c", List.of(1)),
            call(Kind.READ, 1, "/d", List.of(0, 2)));
    try (var server = new RawServer(answers::right)) {
      Nodes.Result result = run(server, plan, 1);
      assertThat(server.requests())
          .extracting(RawServer.Request::path)
          .containsExactly("/a", "/b", "/c", "/d");
      assertThat(server.connections()).isEqualTo(3);
      assertThat(result.ready().nanos().getMaxValue())
          .isGreaterThanOrEqualTo(result.pull().nanos().getMaxValue());
    }
  }

  @Test
  void run_manyNodes_eachSendsEverything() throws IOException {
    var plan =
        List.of(
            call(Kind.PROBE, 0, "/a", List.of()),
            call(Kind.PROBE, 0, "/b", List.of()),
            call(Kind.READ, 1, "/c", List.of()));
    try (var server = new RawServer(answers::right)) {
      Nodes.Result result = run(server, plan, 20);
      assertThat(server.requests()).hasSize(60);
      assertThat(server.connections()).isEqualTo(40);
      assertThat(result.kinds()).containsOnlyKeys(Kind.PROBE, Kind.READ);
      assertThat(result.ready().requests()).isEqualTo(20);
    }
  }

  @Test
  void run_failedRequest_isCountedAndHoldsNothingUp() throws IOException {
    var plan =
        List.of(call(Kind.PROBE, 0, "/broken", List.of()), call(Kind.READ, 0, "/c", List.of(0)));
    try (var server =
        new RawServer(request ->
            request.path().equals("/broken")
                ? RawServer.Reply.thenClose(new byte[0])
                : answers.right(request))) {
      Nodes.Result result = run(server, plan, 1);
      assertThat(result.kinds().getOrDefault(Kind.PROBE, new Tally()).failures())
          .containsOnlyKeys(FailureKind.CLOSED);
      assertThat(result.kinds().getOrDefault(Kind.READ, new Tally()).ranges()).isEqualTo(1);
    }
  }

  @Test
  void run_timedRequest_isNotSentBefore() throws IOException {
    var at = Duration.ofMillis(150);
    var plan = List.of(call(Kind.READ, 0, "/a", List.of(), at));
    try (var server = new RawServer(answers::right)) {
      Nodes.Result result = run(server, plan, 1);
      assertThat(result.ready().nanos().getMinValue())
          .isGreaterThanOrEqualTo(at.toNanos() * 99 / 100);
      assertThat(result.delay().requests()).isEqualTo(1);
    }
  }
}
