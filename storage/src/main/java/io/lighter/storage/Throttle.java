package io.lighter.storage;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Keeps one who goes through a store at a rate on average, in bytes or in whatever is counted, and
 * stops him. Used by one thread at a time, stopped by any.
 */
public final class Throttle implements LongConsumer {
  /** A rate that nothing reaches. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /**
   * Time that was not used is not saved up for longer than this, or a pause would end in a rush.
   */
  private static final long MAX_CREDIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Shorter waits cost more than they are long; they are left until they add up. */
  private static final long MIN_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final long perSecond;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private long dueNanos = System.nanoTime();

  /**
   * A throttle.
   *
   * @param perSecond the rate, at least 1
   */
  public Throttle(long perSecond) {
    this.perSecond = perSecond;
  }

  /**
   * Counts what was done and waits until the rate allows the next.
   *
   * @throws StoppedException once stopped, or when the thread is interrupted
   */
  @Override
  public void accept(long done) {
    long now = System.nanoTime();
    dueNanos = Math.max(dueNanos, now - MAX_CREDIT_NANOS);
    dueNanos += Math.round((double) done / perSecond * TimeUnit.SECONDS.toNanos(1));
    long wait = dueNanos - now;
    try {
      if (stopped.await(wait < MIN_WAIT_NANOS ? 0 : wait, TimeUnit.NANOSECONDS)) {
        throw new StoppedException();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoppedException();
    }
  }

  /** Ends the wait of whoever is throttled, and refuses to let him go on. */
  public void stop() {
    stopped.countDown();
  }

  /** Whoever was throttled was told to stop. */
  public static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoppedException() {
      super("stopped", null, false, false);
    }
  }
}
