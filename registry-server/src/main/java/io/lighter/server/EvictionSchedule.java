package io.lighter.server;

import io.lighter.server.admin.EvictOperation;
import io.lighter.storage.gc.Evictor;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Looks again and again whether cached content is within its limits, on a thread of its own. To
 * look costs a look at one sum and at the disk, so it is done each second instead of at each of the
 * many places that store something.
 */
final class EvictionSchedule implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** To look for something to evict walks over all images; in vain it is done less and less. */
  private static final Duration FIRST_REST = Evictor.QUIET.plusSeconds(1);

  private static final Duration LONGEST_REST = Duration.ofMinutes(1);

  private final EvictOperation operation;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  EvictionSchedule(EvictOperation operation) {
    this.operation = operation;
    thread = Thread.ofPlatform().name("evictor").daemon().start(this::repeat);
  }

  private void repeat() {
    try {
      Duration pause = LOOK;
      Duration rest = FIRST_REST;
      while (!closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        boolean enough = operation.runScheduled();
        pause = enough ? LOOK : rest;
        rest = enough ? FIRST_REST : shorter(rest.multipliedBy(2), LONGEST_REST);
      }
    } catch (InterruptedException _) {
      // Told to stop.
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** Ends the eviction that is under way. */
  @Override
  public void close() {
    operation.stop();
    closed.countDown();
    try {
      thread.join(PATIENCE);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
