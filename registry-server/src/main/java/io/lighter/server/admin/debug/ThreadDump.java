package io.lighter.server.admin.debug;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * What every thread does and which locks it has or waits for, virtual ones included: those answer
 * the requests.
 *
 * @param scratch a directory for a file that is removed at once; created if it does not exist
 */
public record ThreadDump(Path scratch) {

  /** The dump, and in front of it the deadlocks of platform threads, if there are any. */
  public String text() throws IOException {
    Files.createDirectories(scratch);
    // The virtual machine writes into files that do not exist yet, and nowhere else.
    Path file = scratch.toAbsolutePath().resolve("threads-" + UUID.randomUUID());
    try {
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
      return deadlocks() + Files.readString(file);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static String deadlocks() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long[] ids = threads.findDeadlockedThreads();
    return ids == null
        ? ""
        : Arrays.stream(threads.getThreadInfo(ids, true, true))
            .map(ThreadInfo::toString)
            .collect(Collectors.joining("", "These wait for each other:\n\n", "\n"));
  }
}
