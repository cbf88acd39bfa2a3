package io.lighter.bench;

import io.lighter.bench.load.BenchException;
import io.lighter.bench.load.Limit;
import picocli.CommandLine.Option;

/** How many requests are sent in a second. */
final class RateOption {
  private static final double MOST = 1_000_000;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description =
          "Requests that are due in a second, over all connections; one that is sent late counts"
              + " from when it was due (default: as many as are answered).")
  private double rate = Limit.UNBOUNDED;

  /**
   * The rate, or {@link Limit#UNBOUNDED}.
   *
   * @throws BenchException if it is none
   */
  double value() {
    if (rate != Limit.UNBOUNDED && !(rate > 0 && rate <= MOST)) {
      throw new BenchException(
          "--rate %s: allowed are numbers above 0, to 1000000".formatted(rate));
    }
    return rate;
  }
}
