package io.lighter.storage.rocksdb;

import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.WriteBufferManager;

/**
 * How RocksDB is set up: everything it holds outside the heap is charged to one cache, and its
 * files, threads and logs have caps.
 */
final class RocksSettings {
  private static final double BLOOM_BITS_PER_KEY = 10;

  /** Few, because a shard must be able to hold a manifest of several MiB. */
  private static final int CACHE_SHARD_BITS = 2;

  private static final int OPEN_FILES = 256;
  private static final int INFO_LOGS = 4;
  private static final long INFO_LOG_BYTES = 1 << 20;

  private final DBOptions database;
  private final ColumnFamilyOptions families;

  /**
   * Makes the options; {@code resources} owns them.
   *
   * @param memory bytes for blocks, indexes, filters and write buffers together
   */
  RocksSettings(long memory, NativeResources resources) {
    var cache = resources.own(new LRUCache(memory, CACHE_SHARD_BITS));
    long writeBuffers = memory / 4;
    var writeBufferManager = resources.own(new WriteBufferManager(writeBuffers, cache));
    var tables =
        new BlockBasedTableConfig()
            .setBlockCache(cache)
            .setFilterPolicy(resources.own(new BloomFilter(BLOOM_BITS_PER_KEY)))
            .setOptimizeFiltersForMemory(true)
            .setCacheIndexAndFilterBlocks(true)
            .setPinL0FilterAndIndexBlocksInCache(true);
    families =
        resources
            .own(new ColumnFamilyOptions())
            .setTableFormatConfig(tables)
            .setCompressionType(CompressionType.LZ4_COMPRESSION)
            .setWriteBufferSize(writeBuffers / 4);
    database =
        resources
            .own(new DBOptions())
            .setCreateIfMissing(true)
            .setCreateMissingColumnFamilies(true)
            .setWriteBufferManager(writeBufferManager)
            // What a restart has to replay; it is bounded so that a restart is short.
            .setMaxTotalWalSize(writeBuffers)
            .setMaxOpenFiles(OPEN_FILES)
            .setMaxBackgroundJobs(2)
            .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
            .setKeepLogFileNum(INFO_LOGS)
            .setMaxLogFileSize(INFO_LOG_BYTES)
            .setStatsDumpPeriodSec(0);
  }

  DBOptions database() {
    return database;
  }

  ColumnFamilyOptions families() {
    return families;
  }
}
