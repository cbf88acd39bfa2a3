package io.lighter.bench.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Some connections, each of which sends the next request as soon as it has the answer to the one
 * before, or when the next one is due. What is due while no connection is free is late, and its
 * time counts from when it was due. Runs begin and end with nothing under way, so that the
 * processor time of the server between two readings is that of the requests that were counted. For
 * one caller's thread.
 */
public final class RequestLoop implements AutoCloseable {
  /** After an error of the connection; a server that is gone must not be asked a million times. */
  private static final Duration AFTER_LOSS = Duration.ofMillis(20);

  private final LoadGenerator generator;
  private final Target target;
  private final int connections;
  private final BooleanSupplier interrupted;
  private final List<Wire> wires = new ArrayList<>();

  /**
   * A loop without connections yet.
   *
   * @param interrupted asked after each answer; ends a run early
   */
  public RequestLoop(
      LoadGenerator generator, Target target, int connections, BooleanSupplier interrupted) {
    this.generator = generator;
    this.target = target;
    this.connections = connections;
    this.interrupted = interrupted;
  }

  /**
   * Sends requests until the limit, and waits for the last answer.
   *
   * @param calls the next request, asked for in the thread of the generator
   */
  public Tally run(Supplier<Call> calls, Limit limit) {
    var run = new Run(calls, limit);
    generator.execute(run::begin);
    return LoadGenerator.await(run.over);
  }

  private final class Run {
    final CompletableFuture<Tally> over = new CompletableFuture<>();
    private final Tally tally = new Tally();
    private final Supplier<Call> calls;
    private final Limit limit;
    private long start;
    private long begun;
    private int active;

    Run(Supplier<Call> calls, Limit limit) {
      this.calls = calls;
      this.limit = limit;
    }

    void begin() {
      while (wires.size() < connections) {
        wires.add(generator.open(target));
      }
      start = System.nanoTime();
      active = wires.size();
      List.copyOf(wires).forEach(this::next);
    }

    private void next(Wire wire) {
      long now = System.nanoTime() - start;
      long due = limit.due(begun);
      boolean more =
          begun < limit.count()
              && Math.max(now, due) < limit.duration().toNanos()
              && !interrupted.getAsBoolean();
      if (!more) {
        if (--active == 0) {
          tally.elapsed(System.nanoTime() - start);
          over.complete(tally);
        }
        return;
      }
      begun++;
      if (due <= now) {
        send(wire, due);
      } else {
        generator.schedule(() -> send(wire, due), Duration.ofNanos(due - now));
      }
    }

    private void send(Wire wire, long due) {
      try {
        wire.send(
            calls.get(),
            (call, outcome) ->
                ended(wire, call, limit.isPaced() ? outcome.begunAt(start + due) : outcome));
      } catch (RuntimeException e) {
        over.completeExceptionally(e);
      }
    }

    private void ended(Wire wire, Call call, Outcome outcome) {
      tally.add(call, outcome);
      boolean lost =
          outcome
              .failure()
              .filter(failure ->
                  failure.kind() == FailureKind.NO_CONNECTION
                      || failure.kind() == FailureKind.CLOSED)
              .isPresent();
      if (lost) {
        generator.schedule(() -> next(wire), AFTER_LOSS);
      } else {
        next(wire);
      }
    }
  }

  @Override
  public void close() {
    generator.execute(() -> wires.forEach(generator::close));
  }
}
