package io.lighter.conversion.startset.trace;

import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;

/** What an analysis has used of what it may use. Belongs to one thread. */
final class Budget {

  /** Asking for the time costs more than most steps do. */
  private static final int STEPS_PER_LOOK = 256;

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final AnalysisLimits limits;
  private final long begin = threads.getCurrentThreadCpuTime();
  private long bytes;
  private int steps;

  Budget(AnalysisLimits limits) {
    this.limits = limits;
  }

  AnalysisLimits limits() {
    return limits;
  }

  void step() {
    if (++steps % STEPS_PER_LOOK == 0) {
      look();
    }
  }

  void read(long more) {
    bytes += more;
    if (bytes > limits.bytesRead()) {
      throw new LimitReachedException(
          "it looked into files of %d bytes".formatted(limits.bytesRead()));
    }
    look();
  }

  private void look() {
    if (Thread.currentThread().isInterrupted()) {
      throw new UncheckedIOException(new InterruptedIOException("the analysis was interrupted"));
    }
    if (used().compareTo(limits.cpu()) > 0) {
      throw new LimitReachedException("it took %d ms".formatted(limits.cpu().toMillis()));
    }
  }

  Duration used() {
    return Duration.ofNanos(threads.getCurrentThreadCpuTime() - begin);
  }

  long bytesRead() {
    return bytes;
  }
}
