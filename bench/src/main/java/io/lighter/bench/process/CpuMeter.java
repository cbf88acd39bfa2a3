package io.lighter.bench.process;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.OptionalLong;
import java.util.Set;

/** Processor time of the servers that are measured and of this process, from its creation on. */
public final class CpuMeter {
  private final Set<Long> pids;
  private final ProcessTimes before;
  private final long ownBefore = own();

  /**
   * Begins to measure.
   *
   * @param pids the processes of the server; none if its time is not to be measured
   */
  public CpuMeter(Set<Long> pids) {
    this.pids = Set.copyOf(pids);
    this.before = ProcessTimes.read(this.pids);
  }

  /** Nanoseconds that the server's processes and their children used since; empty without any. */
  public OptionalLong server() {
    return pids.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(ProcessTimes.read(pids).since(before));
  }

  /** Nanoseconds that this process used since. */
  public long client() {
    return own() - ownBefore;
  }

  private static long own() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }
}
