package io.lighter.server.convert;

import io.lighter.server.observe.RecentLatency;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Holds conversion back while requests wait longer than they should. Every piece of a layer then
 * waits until they do not, but for a second at most: a server that is always busy converts slowly
 * and does not stop, because lazy images are what makes it less busy. Thread-safe.
 */
public final class ConversionPace {
  /** How much of a layer is read between two looks. */
  static final int PIECE = 256 * 1024;

  private static final Duration LOOK = Duration.ofMillis(50);
  private static final Duration LONGEST = Duration.ofSeconds(1);

  /** Lets time pass. */
  interface Pause {
    void of(Duration duration) throws InterruptedException;
  }

  private final RecentLatency latency;
  private final Duration target;
  private final Pause pause;
  private final AtomicLong heldBackMillis = new AtomicLong();

  /**
   * A pace.
   *
   * @param target what the latency may be; zero never holds anything back
   */
  public ConversionPace(RecentLatency latency, Duration target) {
    this(latency, target, Thread::sleep);
  }

  ConversionPace(RecentLatency latency, Duration target, Pause pause) {
    this.latency = latency;
    this.target = target;
    this.pause = pause;
  }

  /**
   * To be called before each piece of work. Blocks while it has to wait.
   *
   * @throws InterruptedIOException if the thread is interrupted meanwhile
   */
  void step() throws InterruptedIOException {
    Duration waited = Duration.ZERO;
    while (isPressed() && waited.compareTo(LONGEST) < 0) {
      try {
        pause.of(LOOK);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("the conversion was interrupted");
      }
      waited = waited.plus(LOOK);
      heldBackMillis.addAndGet(LOOK.toMillis());
    }
  }

  /** Whether requests wait longer than they should. */
  public boolean isPressed() {
    return !target.isZero() && latency.percentile95().compareTo(target) > 0;
  }

  /** For how long conversions have been held back since the start. */
  public Duration heldBack() {
    return Duration.ofMillis(heldBackMillis.get());
  }
}
