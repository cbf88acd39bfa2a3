package io.lighter.server.limit;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long work waits before anybody looks at it. What counts is the shortest wait in half a
 * second: a burst makes some wait, but only when there is more to do than can be done do all of
 * them (the idea is CoDel's, RFC 8289). Thread-safe; recording allocates nothing.
 */
public final class QueueDelay {
  private static final long WINDOW = Duration.ofMillis(500).toNanos();

  private final int enough;
  private final LongSupplier nanoTime;
  private long windowEnd; // guarded by this
  private long shortest = Long.MAX_VALUE; // guarded by this
  private long longest; // guarded by this
  private int count; // guarded by this
  private volatile long validUntil;
  private volatile long delay;
  private volatile long worst;

  /**
   * Nobody has waited yet.
   *
   * @param enough how many waits in half a second say something
   */
  QueueDelay(int enough, LongSupplier nanoTime) {
    this.enough = enough;
    this.nanoTime = nanoTime;
    this.windowEnd = nanoTime.getAsLong() + WINDOW;
    this.validUntil = nanoTime.getAsLong();
  }

  /** Something has waited so many nanoseconds. */
  public synchronized void record(long nanos) {
    long now = nanoTime.getAsLong();
    if (now - windowEnd >= 0) {
      delay = count >= enough ? shortest : 0;
      worst = longest;
      // What waits long comes seldom, too.
      validUntil = now + 2 * Math.max(WINDOW, longest);
      windowEnd = now + WINDOW;
      shortest = Long.MAX_VALUE;
      longest = 0;
      count = 0;
    }
    shortest = Math.min(shortest, nanos);
    longest = Math.max(longest, nanos);
    count++;
  }

  /** The shortest wait of the last half second; zero if there were too few to tell. */
  public Duration delay() {
    return lately(delay);
  }

  /** The longest wait of the last half second. */
  public Duration worst() {
    return lately(worst);
  }

  private Duration lately(long nanos) {
    return nanoTime.getAsLong() - validUntil < 0 ? Duration.ofNanos(nanos) : Duration.ZERO;
  }
}
