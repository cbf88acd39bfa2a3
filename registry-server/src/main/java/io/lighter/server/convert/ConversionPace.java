package io.lighter.server.convert;

import io.lighter.server.observe.RecentLatency;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Holds conversion back for others, a piece of a layer at a time: for other processes that want the
 * cores ({@link CoreYield}), and for requests while they wait longer than they should. For those
 * every piece waits until they do not, but for a second at most: a server that is always busy
 * converts slowly and does not stop, because lazy images are what makes it less busy. Thread-safe.
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
  private final Supplier<Duration> leftToOthers;
  private final Pause pause;
  private final AtomicLong heldBackNanos = new AtomicLong();

  /**
   * A pace.
   *
   * @param target what the latency may be; zero never holds anything back
   * @param contested whether other processes use the cores
   */
  public ConversionPace(RecentLatency latency, Duration target, BooleanSupplier contested) {
    this(latency, target, new CoreYield(contested)::pause, Thread::sleep);
  }

  /**
   * A pace.
   *
   * @param leftToOthers what the calling thread should leave to other processes now
   */
  ConversionPace(
      RecentLatency latency, Duration target, Supplier<Duration> leftToOthers, Pause pause) {
    this.latency = latency;
    this.target = target;
    this.leftToOthers = leftToOthers;
    this.pause = pause;
  }

  /**
   * To be called before each piece of work, by the platform thread that does it. Blocks while it
   * has to wait.
   *
   * @throws InterruptedIOException if the thread is interrupted meanwhile
   */
  void step() throws InterruptedIOException {
    if (target.isZero()) {
      return;
    }
    hold(leftToOthers.get());
    Duration waited = Duration.ZERO;
    while (isPressed() && waited.compareTo(LONGEST) < 0) {
      hold(LOOK);
      waited = waited.plus(LOOK);
    }
  }

  private void hold(Duration duration) throws InterruptedIOException {
    if (duration.isZero()) {
      return;
    }
    try {
      pause.of(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the conversion was interrupted");
    }
    heldBackNanos.addAndGet(duration.toNanos());
  }

  /** Whether requests wait longer than they should. */
  public boolean isPressed() {
    return !target.isZero() && latency.percentile95().compareTo(target) > 0;
  }

  /** For how long conversions have been held back since the start. */
  public Duration heldBack() {
    return Duration.ofNanos(heldBackNanos.get());
  }
}
