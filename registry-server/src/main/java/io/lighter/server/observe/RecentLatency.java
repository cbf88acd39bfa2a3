package io.lighter.server.observe;

import java.time.Duration;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * How long it took lately to decide the answers of requests that needed nothing but this machine.
 * Those that an upstream was asked for say nothing about how busy it is. Thread-safe; recording
 * takes well under a microsecond and allocates nothing.
 */
public final class RecentLatency {
  private static final int SAMPLES = 256;

  /** Fewer say nothing about a percentile. */
  static final int ENOUGH = 20;

  static final Duration WINDOW = Duration.ofSeconds(5);

  private final LongSupplier nanoTime;
  private final long[] durations = new long[SAMPLES]; // guarded by this
  private final long[] times = new long[SAMPLES]; // guarded by this
  private long count; // guarded by this

  /**
   * Of no request yet.
   *
   * @param nanoTime as {@link System#nanoTime}
   */
  public RecentLatency(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** A request was answered; {@code nanos} from its arrival to the decision. */
  public synchronized void record(long nanos) {
    int next = (int) (count++ % SAMPLES);
    durations[next] = nanos;
    times[next] = nanoTime.getAsLong();
  }

  /**
   * What 95 of 100 of the last requests stayed below, of the last {@value #SAMPLES} that are not
   * older than five seconds. Zero if there were fewer than {@value #ENOUGH}.
   */
  public synchronized Duration percentile95() {
    long oldest = nanoTime.getAsLong() - WINDOW.toNanos();
    var recent = new long[SAMPLES];
    int n = 0;
    for (int i = 0; i < Math.min(count, SAMPLES); i++) {
      if (times[i] - oldest >= 0) {
        recent[n++] = durations[i];
      }
    }
    if (n < ENOUGH) {
      return Duration.ZERO;
    }
    Arrays.sort(recent, 0, n);
    return Duration.ofNanos(recent[(int) (n * 0.95)]);
  }
}
