package io.lighter.server.pullthrough;

import java.time.Duration;

/**
 * What downloads from one upstream should know of each other: whether containers are starting from
 * it right now, and whether it is known to answer ranges. Thread-safe.
 */
final class UpstreamTraffic {

  /** A starting container pauses for less than this between its reads. */
  private static final long QUIET = Duration.ofSeconds(2).toNanos();

  /** A container that never stops reading does not keep its own image from arriving. */
  private static final long LONGEST_BURST = Duration.ofSeconds(30).toNanos();

  private boolean any; // guarded by this
  private long began; // guarded by this
  private long last; // guarded by this
  private volatile boolean answersRanges;

  /** Somebody waits for some bytes of a blob that is not here, or is about to. */
  synchronized void range() {
    long now = System.nanoTime();
    if (!any || now - last > QUIET) {
      began = now;
      any = true;
    }
    last = now;
  }

  /** How long to leave the link to those who wait; 0 if nobody is expected to. */
  synchronized long nanosUntilQuiet() {
    long now = System.nanoTime();
    return any && now - began < LONGEST_BURST ? Math.max(0, last + QUIET - now) : 0;
  }

  /** Whether upstream has answered a range with that range before. */
  boolean answersRanges() {
    return answersRanges;
  }

  void rangeAnswered() {
    answersRanges = true;
  }
}
