package io.lighter.bench.report;

import org.HdrHistogram.Histogram;

/**
 * How long something took, in microseconds.
 *
 * @param p50 median
 * @param p90 ninetieth percentile
 * @param p99 ninety-ninth percentile
 * @param p999 99.9th percentile
 * @param max the longest
 * @param mean arithmetic mean
 */
public record Latency(double p50, double p90, double p99, double p999, double max, double mean) {

  /** The percentiles of a histogram of nanoseconds; all 0 if it is empty. */
  public static Latency of(Histogram nanos) {
    return nanos.getTotalCount() == 0
        ? new Latency(0, 0, 0, 0, 0, 0)
        : new Latency(
            nanos.getValueAtPercentile(50) / 1e3,
            nanos.getValueAtPercentile(90) / 1e3,
            nanos.getValueAtPercentile(99) / 1e3,
            nanos.getValueAtPercentile(99.9) / 1e3,
            nanos.getMaxValue() / 1e3,
            nanos.getMean() / 1e3);
  }
}
