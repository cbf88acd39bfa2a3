package io.lighter.storage.gc;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Slows one thread down to so many steps a second, whatever else it does. Not thread-safe. */
final class Pace {
  private final long nanosPerStep;
  private long due = System.nanoTime();

  Pace(int stepsPerSecond) {
    this.nanosPerStep = Duration.ofSeconds(1).dividedBy(stepsPerSecond).toNanos();
  }

  /** Waits until it is time for the next steps; ends early when interrupted. */
  void step(int steps) {
    long now = System.nanoTime();
    // Time that was not used is lost: no burst follows a pause.
    due = Math.max(due, now) + steps * nanosPerStep;
    if (due - now > Duration.ofMillis(1).toNanos()) {
      LockSupport.parkNanos(due - now);
    }
  }
}
