package io.lighter.bench.work;

import io.lighter.bench.load.Call;
import io.lighter.bench.load.Limit;
import io.lighter.bench.load.LoadGenerator;
import io.lighter.bench.load.RequestLoop;
import io.lighter.bench.load.Tally;
import io.lighter.bench.load.Target;
import io.lighter.bench.process.CpuMeter;
import io.lighter.bench.report.Measurement;
import java.time.Duration;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Makes measured runs: first a warm-up on the same connections, of which only errors count, then
 * the run itself between two readings of the server's processor time.
 *
 * @param generator sends the requests
 * @param pids processes of the server
 * @param warmUp how long it is warmed up
 * @param limit how long it is measured
 * @param interrupted whether to come to an end
 */
public record Bench(
    LoadGenerator generator,
    Set<Long> pids,
    Duration warmUp,
    Limit limit,
    BooleanSupplier interrupted) {

  /** A finished run and its first errors. */
  public record Result(Measurement measurement, Tally tally) {}

  /**
   * Makes a run.
   *
   * @param server how the server is called in the result
   * @param work how the work is called
   */
  public Result run(
      String server, String work, Target target, int connections, Supplier<Call> calls) {
    try (var loop = new RequestLoop(generator, target, connections, interrupted)) {
      Tally before =
          warmUp.isZero() ? new Tally() : loop.run(calls, Limit.of(warmUp).at(limit.rate()));
      var meter = new CpuMeter(pids);
      Tally tally = loop.run(calls, limit);
      long client = meter.client();
      var spent = meter.server();
      tally.addFailuresOf(before);
      return new Result(Measurement.of(server, work, connections, tally, spent, client), tally);
    }
  }
}
