package io.lighter.server.convert;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * How many cores nobody but conversion has used of late. Thread-safe; looks at the system twice a
 * second at most.
 */
public final class CoreUse implements IntSupplier {
  private static final Duration INTERVAL = Duration.ofMillis(500);

  /** What may be in use of a core that still counts as spare. */
  private static final double TOLERANCE = 0.3;

  private final int cores;
  private final DoubleSupplier load;
  private final LongSupplier ownNanos;
  private final LongSupplier nanoTime;
  private long lookedAt; // guarded by this
  private long ownThen; // guarded by this
  private int spare; // guarded by this

  /** The use of the cores that this process may use. */
  public static CoreUse ofThisMachine(BackgroundThreads... own) {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new CoreUse(
        Runtime.getRuntime().availableProcessors(),
        system::getCpuLoad,
        () -> {
          long nanos = 0;
          for (BackgroundThreads threads : own) {
            nanos += threads.cpuNanos();
          }
          return nanos;
        },
        System::nanoTime);
  }

  /**
   * The use of cores.
   *
   * @param load share of all cores that was in use since the last call, by anybody; negative if it
   *     is not known
   * @param ownNanos time on a core that conversion has had
   */
  CoreUse(int cores, DoubleSupplier load, LongSupplier ownNanos, LongSupplier nanoTime) {
    this.cores = cores;
    this.load = load;
    this.ownNanos = ownNanos;
    this.nanoTime = nanoTime;
    this.lookedAt = nanoTime.getAsLong();
    this.ownThen = ownNanos.getAsLong();
    var _ = load.getAsDouble();
  }

  /**
   * Cores for helpers: those that are left when others and the thread that converts have theirs.
   */
  @Override
  public synchronized int getAsInt() {
    long now = nanoTime.getAsLong();
    long elapsed = now - lookedAt;
    if (elapsed >= INTERVAL.toNanos()) {
      long own = ownNanos.getAsLong();
      double all = load.getAsDouble();
      double others = Math.max(0, all * cores - (double) (own - ownThen) / elapsed);
      spare = all < 0 ? 0 : (int) Math.floor(cores - 1 - others + TOLERANCE);
      lookedAt = now;
      ownThen = own;
    }
    return Math.max(0, spare);
  }
}
