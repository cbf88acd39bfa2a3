package io.lighter.server.convert;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * For how long a converting thread leaves its core to other processes, above all to the node that
 * unpacks what it has just pulled: while threads have to wait for a core that another process has,
 * most of their time, for as long as unpacking may take. The priority that they run with does not
 * see to that: the kernel weighs it within one control group or session, and an image is unpacked
 * in another. Thread-safe.
 */
final class CoreYield {
  /** Somebody else wants a core when a thread waits for one for this share of what it runs. */
  private static final double CONTENDED = 0.1;

  /** What is left to others then, in times of what the thread ran itself. */
  private static final int LEFT_TO_OTHERS = 9;

  private static final Duration LONGEST = Duration.ofSeconds(1);

  /** For so long others come first. */
  private static final Duration PRECEDENCE = Duration.ofSeconds(15);

  /** When nobody else has wanted a core for so long, whoever wants one then comes first again. */
  private static final Duration CALM = Duration.ofSeconds(5);

  private final BooleanSupplier contested;
  private final Supplier<CoreTime> coreTime;
  private final LongSupplier nanoTime;
  private final ThreadLocal<CoreTime> lastLook;
  private long contendedSince; // guarded by this
  private long contendedLast; // guarded by this

  /**
   * Of threads of this process.
   *
   * @param contested whether other processes use the cores
   */
  CoreYield(BooleanSupplier contested) {
    this(contested, CoreTime::ofThisThread, System::nanoTime);
  }

  /**
   * Of threads.
   *
   * @param coreTime that of the calling thread
   * @param nanoTime as {@link System#nanoTime}
   */
  CoreYield(BooleanSupplier contested, Supplier<CoreTime> coreTime, LongSupplier nanoTime) {
    this.contested = contested;
    this.coreTime = coreTime;
    this.nanoTime = nanoTime;
    this.lastLook = ThreadLocal.withInitial(coreTime);
    this.contendedLast = nanoTime.getAsLong() - CALM.toNanos();
  }

  /** What the calling platform thread should wait now, for what it did since it asked last. */
  Duration pause() {
    CoreTime then = lastLook.get();
    CoreTime now = coreTime.get();
    lastLook.set(now);
    CoreTime piece = now.since(then);
    if (piece.waited() > CONTENDED * piece.ran() && contested.getAsBoolean() && othersComeFirst()) {
      return Duration.ofNanos(Math.min(LEFT_TO_OTHERS * piece.ran(), LONGEST.toNanos()));
    }
    return Duration.ZERO;
  }

  private synchronized boolean othersComeFirst() {
    long now = nanoTime.getAsLong();
    if (now - contendedLast >= CALM.toNanos()) {
      contendedSince = now;
    }
    contendedLast = now;
    return now - contendedSince < PRECEDENCE.toNanos();
  }
}
