package io.lighter.bench.plan;

import io.lighter.bench.load.Call;
import io.lighter.bench.load.LoadGenerator;
import io.lighter.bench.load.Outcome;
import io.lighter.bench.load.Tally;
import io.lighter.bench.load.Target;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Some nodes that go through the same plan at the same time, each with connections of its own. They
 * share nothing, as real nodes do not. For one run.
 */
public final class Nodes {
  private final LoadGenerator generator;
  private final Target target;
  private final List<PlannedCall> plan;
  private final BooleanSupplier interrupted;
  private final CompletableFuture<Result> over = new CompletableFuture<>();
  private final Map<Kind, Tally> kinds = new EnumMap<>(Kind.class);
  private final Tally pulls = new Tally();
  private final Tally starts = new Tally();
  private final Tally readies = new Tally();
  private final Tally delays = new Tally();
  private long begun;
  private int running;

  /**
   * What was counted.
   *
   * @param kinds the requests of all nodes by kind
   * @param pull of each node, until the image counts as pulled
   * @param start of each node, until the container may be created
   * @param ready of each node, until the last request ended
   * @param delay of each node, by how much the most belated request was late
   */
  public record Result(Map<Kind, Tally> kinds, Tally pull, Tally start, Tally ready, Tally delay) {}

  /**
   * Nodes that have not begun.
   *
   * @param interrupted asked before each node begins
   */
  public Nodes(
      LoadGenerator generator, Target target, List<PlannedCall> plan, BooleanSupplier interrupted) {
    this.generator = generator;
    this.target = target;
    this.plan = List.copyOf(plan);
    this.interrupted = interrupted;
  }

  /**
   * Has the nodes go through the plan, and waits for them.
   *
   * @param count how many nodes
   * @param stagger how long after each other they begin
   */
  public Result run(int count, Duration stagger) {
    generator.execute(() -> {
      begun = System.nanoTime();
      running = count;
      for (int i = 0; i < count; i++) {
        generator.schedule(this::begin, stagger.multipliedBy(i));
      }
    });
    return LoadGenerator.await(over);
  }

  private void begin() {
    if (interrupted.getAsBoolean()) {
      ended();
    } else {
      new NodeRun(generator, target, plan, new Listener()).begin();
    }
  }

  private void ended() {
    if (--running == 0) {
      long elapsed = System.nanoTime() - begun;
      kinds.values().forEach(tally -> tally.elapsed(elapsed));
      List.of(pulls, starts, readies, delays).forEach(tally -> tally.elapsed(elapsed));
      over.complete(new Result(kinds, pulls, starts, readies, delays));
    }
  }

  private final class Listener implements NodeRun.Listener {
    @Override
    public void ended(Kind kind, Call call, Outcome outcome) {
      kinds.computeIfAbsent(kind, _ -> new Tally()).add(call, outcome);
    }

    @Override
    public void over(NodeRun node) {
      pulls.add(latest(node, Kind::pull));
      starts.add(latest(node, Kind::start));
      readies.add(latest(node, _ -> true));
      delays.add(node.latest());
      Nodes.this.ended();
    }

    private static long latest(NodeRun node, Predicate<Kind> counts) {
      return node.ends().entrySet().stream()
          .filter(end -> counts.test(end.getKey()))
          .mapToLong(Map.Entry::getValue)
          .max()
          .orElse(0);
    }
  }
}
