package io.lighter.server.convert;

import io.lighter.server.observe.RecentLatency;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Holds conversion back for others, a piece of a layer at a time. Thread-safe.
 *
 * <ul>
 *   <li>For requests, while they wait longer than they should: every piece waits until they do not,
 *       but for a second at most.
 *   <li>For whoever else wants the cores, above all the node that unpacks what it has just pulled:
 *       while converting threads have to wait for a core that another process has, they leave most
 *       of their time to it, for as long as unpacking may take. The priority that they run with
 *       does not see to that: the kernel weighs it within one control group or session, and an
 *       image is unpacked in another.
 * </ul>
 *
 * <p>A machine that is always busy converts slowly and does not stop, because lazy images are what
 * makes it less busy.
 */
public final class ConversionPace {
  /** How much of a layer is read between two looks. */
  static final int PIECE = 256 * 1024;

  private static final Duration LOOK = Duration.ofMillis(50);
  private static final Duration LONGEST = Duration.ofSeconds(1);

  /** Somebody else wants a core when a thread waits for one for this share of what it runs. */
  private static final double CONTENDED = 0.1;

  /** What is left to others then, in times of what the thread ran itself. */
  private static final int LEFT_TO_OTHERS = 9;

  /** For so long others come first. */
  private static final Duration PRECEDENCE = Duration.ofSeconds(15);

  /** When nobody else has wanted a core for so long, whoever wants one then comes first again. */
  private static final Duration CALM = Duration.ofSeconds(5);

  /** Lets time pass. */
  interface Pause {
    void of(Duration duration) throws InterruptedException;
  }

  private final RecentLatency latency;
  private final Duration target;
  private final BooleanSupplier contested;
  private final Supplier<CoreTime> coreTime;
  private final LongSupplier nanoTime;
  private final Pause pause;
  private final ThreadLocal<CoreTime> lastLook;
  private final AtomicLong heldBackNanos = new AtomicLong();
  private long contendedSince; // guarded by this
  private long contendedLast; // guarded by this

  /**
   * A pace.
   *
   * @param target what the latency may be; zero never holds anything back
   * @param contested whether other processes use the cores
   */
  public ConversionPace(RecentLatency latency, Duration target, BooleanSupplier contested) {
    this(latency, target, contested, CoreTime::ofThisThread, System::nanoTime, Thread::sleep);
  }

  /**
   * A pace.
   *
   * @param coreTime that of the calling thread
   * @param nanoTime as {@link System#nanoTime}
   */
  ConversionPace(
      RecentLatency latency,
      Duration target,
      BooleanSupplier contested,
      Supplier<CoreTime> coreTime,
      LongSupplier nanoTime,
      Pause pause) {
    this.latency = latency;
    this.target = target;
    this.contested = contested;
    this.coreTime = coreTime;
    this.nanoTime = nanoTime;
    this.pause = pause;
    this.lastLook = ThreadLocal.withInitial(coreTime);
    this.contendedLast = nanoTime.getAsLong() - CALM.toNanos();
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
    leaveCoresToOthers();
    Duration waited = Duration.ZERO;
    while (isPressed() && waited.compareTo(LONGEST) < 0) {
      hold(LOOK);
      waited = waited.plus(LOOK);
    }
  }

  private void leaveCoresToOthers() throws InterruptedIOException {
    CoreTime then = lastLook.get();
    CoreTime now = coreTime.get();
    lastLook.set(now);
    CoreTime piece = now.since(then);
    if (piece.waited() > CONTENDED * piece.ran() && contested.getAsBoolean() && othersComeFirst()) {
      hold(Duration.ofNanos(Math.min(LEFT_TO_OTHERS * piece.ran(), LONGEST.toNanos())));
    }
  }

  private synchronized boolean othersComeFirst() {
    long now = nanoTime.getAsLong();
    if (now - contendedLast >= CALM.toNanos()) {
      contendedSince = now;
    }
    contendedLast = now;
    return now - contendedSince < PRECEDENCE.toNanos();
  }

  private void hold(Duration duration) throws InterruptedIOException {
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
