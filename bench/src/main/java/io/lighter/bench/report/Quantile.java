package io.lighter.bench.report;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Quantiles over the rounds of a measurement. */
public final class Quantile {
  private Quantile() {}

  /**
   * The value at a place among those that rounds have, sorted; between two of them their mean.
   *
   * @param place 0 for the least, 0.5 for the median, 1 for the greatest
   * @return empty if no round has the value
   */
  public static Optional<Double> of(
      List<Measurement> rounds, Function<Measurement, Optional<Double>> value, double place) {
    List<Double> sorted =
        rounds.stream().flatMap(one -> value.apply(one).stream()).sorted().toList();
    if (sorted.isEmpty()) {
      return Optional.empty();
    }
    double exact = place * (sorted.size() - 1);
    double low = sorted.get((int) Math.floor(exact));
    double high = sorted.get((int) Math.ceil(exact));
    return Optional.of((low + high) / 2);
  }
}
