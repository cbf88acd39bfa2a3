package io.lighter.server.convert;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Who has used the machine's cores of late. Thread-safe; looks at the system twice a second at
 * most.
 */
public final class CoreUse {
  private static final Duration INTERVAL = Duration.ofMillis(500);

  /** What may be in use of a core that still counts as unused. */
  private static final double TOLERANCE = 0.3;

  private final int cores;
  private final DoubleSupplier load;
  private final LongSupplier conversionNanos;
  private final LongSupplier processNanos;
  private final LongSupplier nanoTime;
  private long lookedAt; // guarded by this
  private long conversionThen; // guarded by this
  private long processThen; // guarded by this
  private int spare; // guarded by this
  private boolean contested; // guarded by this

  /** The use of the cores that this process may use. */
  public static CoreUse ofThisMachine(BackgroundThreads... conversion) {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new CoreUse(
        Runtime.getRuntime().availableProcessors(),
        system::getCpuLoad,
        () -> {
          long nanos = 0;
          for (BackgroundThreads threads : conversion) {
            nanos += threads.cpuNanos();
          }
          return nanos;
        },
        system::getProcessCpuTime,
        System::nanoTime);
  }

  /**
   * The use of cores.
   *
   * @param load share of all cores that was in use since the last call, by anybody; negative if it
   *     is not known
   * @param conversionNanos time on a core that conversion has had
   * @param processNanos time on a core that the whole process has had
   */
  CoreUse(
      int cores,
      DoubleSupplier load,
      LongSupplier conversionNanos,
      LongSupplier processNanos,
      LongSupplier nanoTime) {
    this.cores = cores;
    this.load = load;
    this.conversionNanos = conversionNanos;
    this.processNanos = processNanos;
    this.nanoTime = nanoTime;
    this.lookedAt = nanoTime.getAsLong();
    this.conversionThen = conversionNanos.getAsLong();
    this.processThen = processNanos.getAsLong();
    var _ = load.getAsDouble();
  }

  /**
   * Cores for helpers: those that are left when others and the thread that converts have theirs.
   */
  public synchronized int spareCores() {
    look();
    return spare;
  }

  /** Whether other processes use the cores. */
  public synchronized boolean isContested() {
    look();
    return contested;
  }

  private synchronized void look() {
    long now = nanoTime.getAsLong();
    double elapsed = now - lookedAt;
    if (elapsed < INTERVAL.toNanos()) {
      return;
    }
    long conversion = conversionNanos.getAsLong();
    long process = processNanos.getAsLong();
    double used = load.getAsDouble() * cores;
    double others = Math.max(0, used - (conversion - conversionThen) / elapsed);
    spare = used < 0 ? 0 : Math.max(0, (int) Math.floor(cores - 1 - others + TOLERANCE));
    contested = used - (process - processThen) / elapsed > TOLERANCE;
    lookedAt = now;
    conversionThen = conversion;
    processThen = process;
  }
}
