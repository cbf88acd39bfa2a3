package io.lighter.server;

import io.lighter.server.admin.GcOperation;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Collects garbage again and again, on a thread of its own. */
final class GarbageSchedule implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final GcOperation operation;
  private final Duration interval;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  /**
   * Begins the schedule; the first collection comes after the first interval.
   *
   * @param interval time from the end of a collection to the next; zero for no collections at all
   */
  GarbageSchedule(GcOperation operation, Duration interval) {
    this.operation = operation;
    this.interval = interval;
    thread = Thread.ofPlatform().name("garbage-collector").daemon().unstarted(this::repeat);
    if (!interval.isZero()) {
      thread.start();
    }
  }

  private void repeat() {
    try {
      while (!closed.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
        operation.runScheduled();
      }
    } catch (InterruptedException _) {
      // Told to stop.
    }
  }

  /** Ends the collection that is under way. */
  @Override
  public void close() {
    operation.stop();
    closed.countDown();
    try {
      if (thread.isAlive()) {
        thread.join(PATIENCE);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
