package io.lighter.server.admin.debug;

import io.lighter.server.config.DataSize;
import io.lighter.server.config.MemoryBudget;
import io.lighter.storage.MetadataStatistics;
import io.lighter.storage.MetadataStatistics.Figures;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * What the process has of memory, part by part, beside what the budget plans for it.
 *
 * @param budget how memory was divided at the start
 * @param metadata whose cache is a part
 * @param pinned bytes of pinned content
 */
public record MemoryUse(MemoryBudget budget, MetadataStatistics metadata, LongSupplier pinned) {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";

  /** The table. */
  public String text() {
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    var text = new StringBuilder();
    row(text, "part", "used", "planned", "");
    row(
        text,
        "heap",
        size(heap.getUsed()),
        size(budget.heap()),
        size(heap.getCommitted()) + " committed");
    row(
        text,
        "metadata",
        metadata.figures().map(now -> size(now.cache() + now.tableReaders())).orElse("closed"),
        size(budget.metadata()),
        metadata.figures().map(MemoryUse::ofMetadata).orElse(""));
    row(text, "pinned", size(pinned.getAsLong()), size(budget.pinned()), "");
    row(
        text,
        "network",
        netty(),
        size(budget.network()),
        "Netty's buffers outside the heap, pinned content included");
    row(
        text,
        "program",
        size(program()),
        size(budget.program()),
        "classes and compiled code; threads and the collector are planned for, not counted");
    row(
        text,
        "process",
        resident().stream().mapToObj(MemoryUse::size).findFirst().orElse("unknown"),
        size(budget.limit()),
        "resident, of memory.limit");
    text.append('\n');
    for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
      text.append(
          "buffers, %s: %d with %s%n"
              .formatted(pool.getName(), pool.getCount(), size(pool.getMemoryUsed())));
    }
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      text.append(
          "pool, %s: %s of %s committed%n"
              .formatted(
                  pool.getName(),
                  size(pool.getUsage().getUsed()),
                  size(pool.getUsage().getCommitted())));
    }
    return text.toString();
  }

  private static String ofMetadata(Figures now) {
    return "cache %s, of it %s cannot be dropped; memtables %s; tables %s"
        .formatted(
            size(now.cache()),
            size(now.pinnedCache()),
            size(now.memtables()),
            size(now.tableReaders()));
  }

  private static String netty() {
    long used = PlatformDependent.usedDirectMemory();
    return used < 0 ? "not counted" : size(used);
  }

  private static long program() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.NON_HEAP)
        // A part of the metaspace, which is counted.
        .filter(pool -> !pool.getName().equals("Compressed Class Space"))
        .mapToLong(pool -> pool.getUsage().getCommitted())
        .sum();
  }

  private static OptionalLong resident() {
    try (var lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith(RESIDENT))
          .map(line -> line.substring(RESIDENT.length(), line.indexOf("kB")).strip())
          .mapToLong(kib -> Long.parseLong(kib) * 1024)
          .findFirst();
    } catch (IOException _) {
      return OptionalLong.empty(); // Not on Linux.
    }
  }

  private static void row(
      StringBuilder text, String part, String used, String planned, String note) {
    text.append("%-10s%14s%14s   %s".formatted(part, used, planned, note).stripTrailing())
        .append('\n');
  }

  private static String size(long bytes) {
    return new DataSize(bytes).rounded();
  }
}
