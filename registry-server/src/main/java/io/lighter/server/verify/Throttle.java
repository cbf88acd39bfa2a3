package io.lighter.server.verify;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/** Keeps a reader at a rate on average, and stops it. Used by one thread, stopped by any. */
final class Throttle implements LongConsumer {

  /**
   * Time that was not used is not saved up for longer than this, or a pause would end in a rush.
   */
  private static final long MAX_CREDIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final long bytesPerSecond;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private long dueNanos = System.nanoTime();

  Throttle(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /**
   * Notes bytes that were read and waits until the rate allows the next ones.
   *
   * @throws StoppedException once stopped
   */
  @Override
  public void accept(long bytes) {
    long now = System.nanoTime();
    dueNanos = Math.max(dueNanos, now - MAX_CREDIT_NANOS);
    dueNanos += Math.round((double) bytes / bytesPerSecond * TimeUnit.SECONDS.toNanos(1));
    try {
      if (stopped.await(Math.max(0, dueNanos - now), TimeUnit.NANOSECONDS)) {
        throw new StoppedException();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoppedException();
    }
  }

  void stop() {
    stopped.countDown();
  }

  /** The reader was told to stop. */
  static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoppedException() {
      super("stopped", null, false, false);
    }
  }
}
