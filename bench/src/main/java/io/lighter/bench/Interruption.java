package io.lighter.bench;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ctrl-C and SIGTERM while this is open: a run comes to its end, and the process waits a while
 * until what was measured is printed and this is closed.
 */
final class Interruption implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final AtomicBoolean requested = new AtomicBoolean();
  private final CountDownLatch printed = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stop, "bench-interruption");

  Interruption() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Whether to come to an end. From any thread. */
  boolean requested() {
    return requested.get();
  }

  private void stop() {
    requested.set(true);
    try {
      if (!printed.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        System.err.println(
            "lighter: the measurement did not end within " + PATIENCE.toSeconds() + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    printed.countDown();
    if (!requested.get()) {
      Runtime.getRuntime().removeShutdownHook(hook);
    }
  }
}
