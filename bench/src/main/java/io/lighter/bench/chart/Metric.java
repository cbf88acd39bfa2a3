package io.lighter.bench.chart;

import io.lighter.bench.report.Measurement;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a panel of a chart shows.
 *
 * @param title with the unit
 * @param value of a measurement, if it has one
 */
record Metric(String title, Function<Measurement, Optional<Double>> value) {
  static final Metric CPU =
      new Metric(
          "Server CPU per request, microseconds (less is better)",
          Measurement::serverCpuPerRequest);
  static final Metric MEDIAN =
      new Metric(
          "Median latency, microseconds (less is better)", one -> positive(one.latency().p50()));
  static final Metric P99 =
      new Metric(
          "99th percentile of latency, microseconds (less is better)",
          one -> positive(one.latency().p99()));
  static final Metric RATE =
      new Metric("Requests per second (more is better)", one -> positive(one.rate()));

  private static Optional<Double> positive(double value) {
    return value > 0 ? Optional.of(value) : Optional.empty();
  }
}
