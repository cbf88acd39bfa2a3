package io.lighter.server.limit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A rate that may be exceeded for a moment: a token bucket, kept as the one point in time at which
 * it will be full again. Thread-safe and without locks.
 */
final class Meter {
  private static final double SECOND = Duration.ofSeconds(1).toNanos();

  private final double nanosEach;
  private final long ahead;
  private final LongSupplier nanoTime;
  private final AtomicLong full;

  /**
   * A full bucket.
   *
   * @param perSecond what is added in a second; more than 0
   * @param burst what it holds
   * @param nanoTime as {@link System#nanoTime}
   */
  Meter(double perSecond, double burst, LongSupplier nanoTime) {
    this.nanosEach = SECOND / perSecond;
    this.ahead = (long) (burst * nanosEach);
    this.nanoTime = nanoTime;
    this.full = new AtomicLong(nanoTime.getAsLong());
  }

  /** In how many nanoseconds it will hold one; 0 if it does. Takes nothing. */
  long nanosUntilOne() {
    long now = nanoTime.getAsLong();
    return Math.max(0, later(full.get(), now) + (long) nanosEach - now - ahead);
  }

  /**
   * Takes so many, also those that are not there yet.
   *
   * @return in how many nanoseconds they will have been
   */
  long take(long count) {
    long now = nanoTime.getAsLong();
    long cost = (long) (count * nanosEach);
    long next = full.updateAndGet(before -> later(before, now) + cost);
    return Math.max(0, next - now - ahead);
  }

  private static long later(long one, long other) {
    return one - other > 0 ? one : other;
  }
}
