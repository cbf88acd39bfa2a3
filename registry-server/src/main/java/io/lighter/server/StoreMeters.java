package io.lighter.server;

import io.lighter.server.observe.RegistryMetrics;
import io.lighter.storage.MetadataStatistics;
import io.lighter.storage.MetadataStatistics.Figures;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Metrics of the metadata store. They are read when somebody asks for them, all of one answer at
 * once; while the store is closed or opened anew they are not a number. Thread-safe.
 */
final class StoreMeters {
  /** One answer takes less, and who asks comes less often. */
  private static final long ANSWER = Duration.ofMillis(200).toNanos();

  private final MetadataStatistics statistics;
  private @Nullable Figures figures; // guarded by this
  private long readAt; // guarded by this
  private long errors; // guarded by this

  private StoreMeters(MetadataStatistics statistics) {
    this.statistics = statistics;
    this.readAt = System.nanoTime() - ANSWER;
  }

  /** Adds the metrics of a store. */
  static void watch(MetadataStatistics statistics, RegistryMetrics metrics) {
    var store = new StoreMeters(statistics);
    metrics.gauge("lighter.rocksdb.keys", "About how many keys there are", store.of(Figures::keys));
    metrics.gauge(
        "lighter.rocksdb.tables.bytes",
        "Size of the table files in use",
        store.of(Figures::tables));
    metrics.gauge(
        "lighter.rocksdb.wal.bytes",
        "Size of the write-ahead log, which a start replays",
        store.of(Figures::log));
    metrics.gauge(
        "lighter.rocksdb.memtables.bytes",
        "Written keys in memory that are in no table yet",
        store.of(Figures::memtables));
    metrics.gauge(
        "lighter.rocksdb.cache.bytes",
        "What the block cache holds, write buffers included",
        store.of(Figures::cache));
    metrics.gauge(
        "lighter.rocksdb.cache.pinned.bytes",
        "What of the block cache cannot be dropped",
        store.of(Figures::pinnedCache));
    metrics.gauge(
        "lighter.rocksdb.cache.capacity.bytes",
        "What the block cache may hold",
        store.of(Figures::cacheCapacity));
    metrics.gauge(
        "lighter.rocksdb.table.readers.bytes",
        "Memory of open tables beyond the block cache",
        store.of(Figures::tableReaders));
    metrics.gauge(
        "lighter.rocksdb.compaction.pending.bytes",
        "About how many bytes compactions have yet to rewrite",
        store.of(Figures::pendingCompaction));
    metrics.gauge(
        "lighter.rocksdb.compactions", "Compactions that run", store.of(Figures::compactions));
    metrics.gauge("lighter.rocksdb.flushes", "Flushes that run", store.of(Figures::flushes));
    metrics.count(
        "lighter.rocksdb.background.errors",
        "Flushes and compactions that failed",
        store::backgroundErrors);
    metrics.gauge(
        "lighter.rocksdb.write.rate.limit.bytes",
        "Bytes a second that writes are slowed down to, 0 while they are not",
        store.of(Figures::delayedWriteRate));
    metrics.gauge(
        "lighter.rocksdb.writes.stopped",
        "1 while writes wait for compactions",
        store.of(now -> now.writesStopped() ? 1 : 0));
    metrics.gauge(
        "lighter.rocksdb.writes.failing",
        "1 while changes are refused because they cannot be written",
        store.of(now -> now.writesFailing() ? 1 : 0));
    metrics.gauge(
        "lighter.rocksdb.changes.waiting",
        "Changes that wait to be written",
        store.of(Figures::queuedChanges));
  }

  private Supplier<Number> of(ToLongFunction<Figures> figure) {
    return () -> {
      Optional<Figures> now = now();
      return now.isPresent() ? (double) figure.applyAsLong(now.get()) : Double.NaN;
    };
  }

  /** What is counted never falls, not even while nobody can tell. */
  private synchronized long backgroundErrors() {
    now().ifPresent(now -> errors = now.backgroundErrors());
    return errors;
  }

  private synchronized Optional<Figures> now() {
    if (System.nanoTime() - readAt >= ANSWER) {
      figures = statistics.figures().orElse(null);
      readAt = System.nanoTime();
    }
    return Optional.ofNullable(figures);
  }
}
