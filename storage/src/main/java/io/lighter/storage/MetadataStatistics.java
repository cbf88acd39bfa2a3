package io.lighter.storage;

import java.util.Optional;

/**
 * What the metadata store says of itself. Thread-safe. Answers are those of the moment; they wait
 * neither for the store nor for its disk, except to list a directory, so asking often is cheap but
 * no work for an event loop.
 */
public interface MetadataStatistics {

  /**
   * Figures for whoever watches the store.
   *
   * @return empty while the store is closed, or is being opened anew
   */
  Optional<Figures> figures();

  /**
   * More than the figures, as text for people, in the words of the database.
   *
   * @return empty while the store is closed, or is being opened anew
   */
  Optional<String> report();

  /**
   * How the store is doing. Sizes are in bytes.
   *
   * @param keys about how many keys there are
   * @param tables size of the table files that are in use
   * @param log size of the log that an opening would replay
   * @param memtables written keys that are in memory only, but for the log
   * @param cache what the cache holds of tables and write buffers
   * @param pinnedCache what of it cannot be dropped
   * @param cacheCapacity how much it may hold
   * @param tableReaders memory of open tables beyond the cache
   * @param pendingCompaction about how much compactions have yet to rewrite
   * @param compactions how many run
   * @param flushes how many run
   * @param backgroundErrors failures of both, since the process has started
   * @param delayedWriteRate bytes in a second that writes are slowed down to because compactions
   *     are behind; 0 while they are not
   * @param writesStopped whether writes wait until compactions have caught up
   * @param writesFailing whether the last change was refused because it could not be written
   * @param queuedChanges changes that wait to be written
   */
  record Figures(
      long keys,
      long tables,
      long log,
      long memtables,
      long cache,
      long pinnedCache,
      long cacheCapacity,
      long tableReaders,
      long pendingCompaction,
      long compactions,
      long flushes,
      long backgroundErrors,
      long delayedWriteRate,
      boolean writesStopped,
      boolean writesFailing,
      long queuedChanges) {}
}
