package io.lighter.server.config;

/**
 * How the memory of the process is divided. Heap and metadata are set elsewhere, pinned content has
 * its share, sockets and the program get what experience says; what is left is the kernel's, for
 * socket buffers and files that were read lately.
 *
 * @param limit bytes that the process may use together
 * @param heap most bytes of the Java heap, as the JVM was started
 * @param metadata bytes that RocksDB may use
 * @param pinned bytes of content that stays in memory, outside the heap
 * @param network most bytes of buffers between sockets and the program, outside the heap
 * @param program bytes for classes, compiled code, threads and the collector
 */
public record MemoryBudget(
    long limit, long heap, long metadata, long pinned, long network, long program) {
  private static final long MIB = 1 << 20;

  /** An eighth of the limit is pinned content, as far as that is useful unasked. */
  private static final long PINNED_SHARE = 8;

  private static final long MOST_PINNED = 256 * MIB;

  private static final long NETWORK_SHARE = 16;
  private static final long LEAST_NETWORK = 16 * MIB;
  private static final long MOST_NETWORK = 256 * MIB;

  /** Measured: see docs/operations.md. */
  private static final long PROGRAM = 112 * MIB;

  /** What the collector keeps about the heap. */
  private static final long HEAP_SHARE = 32;

  /**
   * Divides the memory of a process.
   *
   * @param heap most bytes of its heap
   * @param metadata bytes that RocksDB may use
   * @throws ConfigException if the parts are more than the whole
   */
  public static MemoryBudget of(MemoryConfig memory, long heap, long metadata) {
    long network = Math.clamp(memory.limit() / NETWORK_SHARE, LEAST_NETWORK, MOST_NETWORK);
    var budget =
        new MemoryBudget(
            memory.limit(), heap, metadata, memory.pinned(), network, PROGRAM + heap / HEAP_SHARE);
    if (budget.used() > budget.limit()) {
      throw ConfigException.at(
          "memory.limit",
          "%s is less than the parts need together: %s; lower memory.pinned, storage.metadataMemory or the heap (LIGHTER_JAVA_OPTS=-Xmx...), or allow more"
              .formatted(mib(budget.limit()), budget.parts()));
    }
    return budget;
  }

  /** What is pinned when nobody says how much. */
  static long defaultPinned(long limit) {
    return Math.min(limit / PINNED_SHARE, MOST_PINNED);
  }

  /** All parts together. */
  public long used() {
    return heap + metadata + pinned + network + program;
  }

  /** What is left to the kernel. */
  public long rest() {
    return limit - used();
  }

  private String parts() {
    return "%s (heap %s, metadata %s, pinned %s, network %s, program %s)"
        .formatted(mib(used()), mib(heap), mib(metadata), mib(pinned), mib(network), mib(program));
  }

  /** The division as a start prints it. */
  @Override
  public String toString() {
    return "%s of %s; the kernel has the rest".formatted(parts(), mib(limit));
  }

  private static String mib(long bytes) {
    return (bytes + MIB - 1) / MIB + " MiB";
  }
}
