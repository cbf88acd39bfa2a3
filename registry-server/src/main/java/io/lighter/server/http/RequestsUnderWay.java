package io.lighter.server.http;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the requests that are being answered, so that a stop can wait until there are none. While
 * nobody stops, a request costs two atomic additions. Thread-safe.
 */
final class RequestsUnderWay {
  private final AtomicInteger count = new AtomicInteger();
  private final Object none = new Object();
  private volatile boolean draining;

  void began() {
    count.incrementAndGet();
  }

  void ended() {
    // Whoever waits says so before it looks at the count, and here it is the other way round. So
    // either it sees that there are none, or it is seen here and told.
    if (count.decrementAndGet() == 0 && draining) {
      synchronized (none) {
        none.notifyAll();
      }
    }
  }

  /** Whether somebody waits, or has waited, for the end of all requests. */
  boolean draining() {
    return draining;
  }

  /** Waits until there are none, for {@code patience} at most. From now on this is draining. */
  void drain(Duration patience) throws InterruptedException {
    draining = true;
    long end = System.nanoTime() + patience.toNanos();
    synchronized (none) {
      for (long left = patience.toMillis();
          count.get() > 0 && left > 0;
          left = (end - System.nanoTime()) / 1_000_000) {
        none.wait(left);
      }
    }
  }
}
