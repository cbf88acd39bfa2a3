package io.lighter.storage.rocksdb;

import io.lighter.storage.MetadataStatistics;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * RocksDB's properties. It keeps them anyway, unlike its statistics, which every read and write
 * would have to count for.
 */
final class RocksStatistics implements MetadataStatistics {
  private static final String KEYS = "rocksdb.estimate-num-keys";
  private static final String TABLES = "rocksdb.live-sst-files-size";
  private static final String MEMTABLES = "rocksdb.cur-size-all-mem-tables";
  private static final String PENDING = "rocksdb.estimate-pending-compaction-bytes";

  private final RocksDatabase database;
  private final MetadataWriter writer;

  RocksStatistics(RocksDatabase database, MetadataWriter writer) {
    this.database = database;
    this.writer = writer;
  }

  @Override
  public Optional<Figures> figures() {
    return database.glance(this::read);
  }

  private Figures read(OpenRocks open) throws RocksDBException {
    RocksDB rocks = open.rocks();
    // What is asked of one family only concerns them all: the cache, the threads, the writes.
    return new Figures(
        rocks.getAggregatedLongProperty(KEYS),
        rocks.getAggregatedLongProperty(TABLES),
        logBytes(database.directory()),
        rocks.getAggregatedLongProperty(MEMTABLES),
        rocks.getLongProperty("rocksdb.block-cache-usage"),
        rocks.getLongProperty("rocksdb.block-cache-pinned-usage"),
        rocks.getLongProperty("rocksdb.block-cache-capacity"),
        rocks.getAggregatedLongProperty("rocksdb.estimate-table-readers-mem"),
        rocks.getAggregatedLongProperty(PENDING),
        rocks.getLongProperty("rocksdb.num-running-compactions"),
        rocks.getLongProperty("rocksdb.num-running-flushes"),
        database.earlierBackgroundErrors() + open.backgroundErrors(),
        rocks.getLongProperty("rocksdb.actual-delayed-write-rate"),
        rocks.getLongProperty("rocksdb.is-write-stopped") > 0,
        writer.failing(),
        writer.queued());
  }

  /** RocksDB has no property for it. A file that goes meanwhile counts as gone. */
  private static long logBytes(Path directory) {
    long bytes = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.log")) {
      for (Path file : files) {
        bytes += sizeIfThere(file);
      }
    } catch (IOException _) {
      return bytes; // A disk that does not list its files is seen elsewhere.
    }
    return bytes;
  }

  private static long sizeIfThere(Path file) {
    try {
      return Files.size(file);
    } catch (IOException _) {
      return 0;
    }
  }

  @Override
  public Optional<String> report() {
    return database.glance(RocksStatistics::describe);
  }

  private static String describe(OpenRocks open) throws RocksDBException {
    RocksDB rocks = open.rocks();
    var text = new StringBuilder();
    row(text, "family", "keys", "tables", "level 0", "memtables", "to compact");
    for (Family family : Family.values()) {
      ColumnFamilyHandle handle = open.handle(family);
      row(
          text,
          family.name().toLowerCase(Locale.ROOT).replace('_', '-'),
          rocks.getProperty(handle, KEYS),
          rocks.getProperty(handle, TABLES),
          rocks.getProperty(handle, "rocksdb.num-files-at-level0"),
          rocks.getProperty(handle, MEMTABLES),
          rocks.getProperty(handle, PENDING));
    }
    return text.append("\nSizes are in bytes, level 0 in files.\n")
        .append(rocks.getProperty("rocksdb.dbstats"))
        .toString();
  }

  private static void row(StringBuilder text, String... cells) {
    text.append("%-16s%12s%14s%10s%14s%14s%n".formatted((Object[]) cells));
  }
}
