package io.lighter.server.forward;

import java.time.Duration;

/**
 * Whether new connections wait for a target that is not there. They do for a while after it
 * stopped: a restart is over by then. After that they are refused at once, because clients have
 * somewhere else to go, and would wait anew with every request. Not thread-safe.
 */
final class Outage {
  private final long holdNanos;
  private boolean underWay;
  private long since;

  /**
   * No outage yet.
   *
   * @param hold how long connections wait, counted from its first sign
   */
  Outage(Duration hold) {
    this.holdNanos = hold.toNanos();
  }

  /** The target is not there, as far as is known; if that is so already, nothing changes. */
  void begin(long nanoTime) {
    if (!underWay) {
      underWay = true;
      since = nanoTime;
    }
  }

  /** The target is there. */
  void end() {
    underWay = false;
  }

  boolean isUnderWay() {
    return underWay;
  }

  /** Whether what comes now, or has waited until now, may wait on. */
  boolean isYoung(long nanoTime) {
    return underWay && nanoTime - since < holdNanos;
  }
}
