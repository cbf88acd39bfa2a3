package io.lighter.bench.readiness;

import io.lighter.bench.load.BenchException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Rounds in which each arm is run once, in the order of the arms, each on a cold node. A run that
 * goes wrong is noted, and the rest goes on. For one thread.
 */
final class Experiment {
  /** How much later than it was ready a program may be found ready. */
  private static final Duration INTERVAL = Duration.ofMillis(5);

  private static final Duration EXIT = Duration.ofSeconds(10);
  private static final double NANOS = 1e9;
  private static final double MEGABYTE = 1e6;

  private final ColdNode node;
  private final NodeShell here;
  private final List<Counter> counters;
  private final Duration limit;
  private final LongSupplier clock;
  private final MetricsClient http = new MetricsClient();

  /**
   * An experiment.
   *
   * @param here runs what arms want to have run before them
   * @param limit how long a program may take until it is ready
   * @param clock nanoseconds
   */
  Experiment(
      ColdNode node, NodeShell here, List<Counter> counters, Duration limit, LongSupplier clock) {
    this.node = node;
    this.here = here;
    this.counters = List.copyOf(counters);
    this.limit = limit;
    this.clock = clock;
  }

  /**
   * Runs all rounds, and leaves the node cold. What was seen until something goes wrong holds.
   *
   * @param first the number of the first round
   * @param stop asked before each run; those left are not begun
   * @throws BenchException if the node is not one to do this on, or does not get cold
   */
  void run(List<Arm> arms, int first, int rounds, Consumer<Run> seen, BooleanSupplier stop) {
    node.claim();
    try {
      for (int round = first; round < first + rounds; round++) {
        for (Arm arm : arms) {
          if (stop.getAsBoolean()) {
            return;
          }
          seen.accept(once(arm, round));
        }
      }
    } finally {
      node.makeCold();
    }
  }

  private Run once(Arm arm, int round) {
    node.makeCold();
    try {
      if (!arm.before().isEmpty()) {
        NodeShell.Outcome outcome = here.run(limit.multipliedBy(5), arm.before());
        if (!outcome.succeeded()) {
          return Run.failed(arm, round, "what comes before it: " + outcome.said());
        }
      }
      if (arm.ready() instanceof ReadyCheck.Http(URI url, String _) && http.body(url).isPresent()) {
        return Run.failed(arm, round, "%s is answered before anything runs".formatted(url));
      }
      return measured(arm, round);
    } catch (BenchException e) {
      return Run.failed(arm, round, String.valueOf(e.getMessage()));
    }
  }

  private Run measured(Arm arm, int round) {
    Map<Counter, Double> before = http.read(counters);
    long begin = clock.getAsLong();
    node.pull(arm);
    long pulled = clock.getAsLong();
    ColdNode.RunningContainer container = node.start(arm);
    long started = clock.getAsLong();
    Optional<String> error = waitUntilReady(arm.ready(), container);
    long ready = clock.getAsLong();
    Map<Counter, Double> after = http.read(counters);
    if (error.isEmpty() && arm.ready() instanceof ReadyCheck.Ended) {
      int code = container.exitCode(EXIT);
      if (code != 0) {
        error = Optional.of("exit code %d: %s".formatted(code, container.output().strip()));
      }
    }
    return new Run(
        arm.image(),
        arm.name(),
        round,
        (pulled - begin) / NANOS,
        (started - pulled) / NANOS,
        (ready - started) / NANOS,
        figures(before, after),
        error);
  }

  private Map<String, Double> figures(Map<Counter, Double> before, Map<Counter, Double> after) {
    var figures = new HashMap<String, Double>();
    figures.put(Run.STORED, node.storedBytes() / MEGABYTE);
    after.forEach((counter, value) -> {
      // A server that began again meanwhile counts from 0.
      double least = Math.min(value, before.getOrDefault(counter, 0.0));
      figures.merge(counter.name(), (value - least) / counter.unit(), Double::sum);
    });
    return figures;
  }

  /** Empty when it was ready. */
  private Optional<String> waitUntilReady(ReadyCheck check, ColdNode.RunningContainer container) {
    long end = clock.getAsLong() + limit.toNanos();
    while (!ready(check, container)) {
      if (!(check instanceof ReadyCheck.Ended) && container.ended() && !ready(check, container)) {
        return Optional.of("it ended before it was ready: " + container.output().strip());
      }
      if (clock.getAsLong() > end) {
        return Optional.of("not ready within %d s".formatted(limit.toSeconds()));
      }
      LockSupport.parkNanos(INTERVAL.toNanos());
    }
    return Optional.empty();
  }

  private boolean ready(ReadyCheck check, ColdNode.RunningContainer container) {
    return switch (check) {
      case ReadyCheck.Http(URI url, String contains) ->
          http.body(url).filter(body -> body.contains(contains)).isPresent();
      case ReadyCheck.Line(String text) ->
          container.output().lines().anyMatch(line -> line.contains(text));
      case ReadyCheck.Ended() -> container.ended();
    };
  }
}
