package io.lighter.server.config;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How much memory a process may use.
 *
 * @param machine bytes that the machine has
 * @param container bytes that its container may use; as many as the machine has if there is none
 */
record ProcessMemory(long machine, long container) {
  private static final Path MACHINE = Path.of("/proc/meminfo");

  /** Asks the JVM, which knows the limits of control groups of both versions. */
  static ProcessMemory ofThisProcess() {
    long container =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    return new ProcessMemory(machine(container), container);
  }

  /** The whole container, which is there for this process; of a machine without one, the half. */
  long limit() {
    return container < machine ? container : machine / 2;
  }

  private static long machine(long otherwise) {
    try (var lines = Files.lines(MACHINE)) {
      return lines
          .filter(line -> line.startsWith("MemTotal:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
          .findFirst()
          .orElse(otherwise);
    } catch (IOException _) {
      return otherwise; // Only Linux has it.
    }
  }
}
