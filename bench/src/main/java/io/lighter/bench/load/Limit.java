package io.lighter.bench.load;

import java.time.Duration;

/**
 * How many requests a run has. Those under way at its end are waited for, and counted.
 *
 * @param duration how long requests begin
 * @param count how many requests begin at most
 * @param rate how many requests are due in a second, over all connections; {@link #UNBOUNDED} if
 *     each is due as soon as a connection is free
 */
public record Limit(Duration duration, long count, double rate) {
  /** As many requests as are answered. */
  public static final double UNBOUNDED = Double.POSITIVE_INFINITY;

  public Limit {
    if (!(rate > 0)) {
      throw new IllegalArgumentException("not a rate: " + rate);
    }
  }

  /** As many requests as are answered, until a time is over or so many have begun. */
  public Limit(Duration duration, long count) {
    this(duration, count, UNBOUNDED);
  }

  /** Ends after a time. */
  public static Limit of(Duration duration) {
    return new Limit(duration, Long.MAX_VALUE);
  }

  /** The same with another rate. */
  public Limit at(double other) {
    return new Limit(duration, count, other);
  }

  /** Whether requests are due at times of their own. */
  boolean isPaced() {
    return rate != UNBOUNDED;
  }

  /** When the request with this number, from 0, is due: nanoseconds after the begin of the run. */
  long due(long number) {
    return (long) (number / rate * 1e9);
  }
}
