package io.lighter.server;

import io.lighter.server.admin.GcOperation;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Collects garbage again and again, on a thread of its own. */
final class GarbageSchedule implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final GcOperation operation;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread thread;
  private Duration interval; // guarded by lock
  private boolean closed; // guarded by lock

  /**
   * Begins the schedule; the first collection comes after the first interval.
   *
   * @param interval time from the end of a collection to the next; zero for no collections at all
   */
  GarbageSchedule(GcOperation operation, Duration interval) {
    this.operation = operation;
    this.interval = interval;
    thread = Thread.ofPlatform().name("garbage-collector").daemon().start(this::repeat);
  }

  private void repeat() {
    try {
      while (isTime()) {
        operation.runScheduled();
      }
    } catch (InterruptedException _) {
      // Told to stop.
    }
  }

  /** Waits for the end of the interval, whatever it is by then; false if there are no more. */
  private boolean isTime() throws InterruptedException {
    lock.lock();
    try {
      long began = System.nanoTime();
      while (!closed) {
        long left = interval.toMillis() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        if (interval.isZero()) {
          changed.await();
        } else if (left > 0) {
          var _ = changed.await(left, TimeUnit.MILLISECONDS);
        } else {
          return true;
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Leaves another time between collections, the present one included. */
  void replace(Duration next) {
    lock.lock();
    try {
      interval = next;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the collection that is under way. */
  @Override
  public void close() {
    operation.stop();
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      thread.join(PATIENCE);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
