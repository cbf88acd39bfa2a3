package io.lighter.storage.rocksdb;

import java.util.List;
import java.util.Optional;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatchWithIndex;

/**
 * The changes that will be written next, and a view of the database as it will be then. A mutation
 * sees its own changes and those of the mutations before it in the same batch; if the batch cannot
 * be written, all of them fail, so that no result rests on changes that never happened.
 *
 * <p>Owned by the writer thread.
 */
final class Changes implements View, AutoCloseable {
  private final RocksDatabase database;
  private final WriteBatchWithIndex batch = new WriteBatchWithIndex(true);
  private long bytes;

  Changes(RocksDatabase database) {
    this.database = database;
  }

  @Override
  public Optional<byte[]> get(Family family, byte[] key) {
    return database.get(batch, family, key);
  }

  @Override
  public List<Entry> scan(Family family, byte[] prefix, byte[] from, int limit) {
    return database.scan(batch, family, prefix, from, limit);
  }

  void put(Family family, byte[] key, byte[] value) {
    try {
      batch.put(database.handle(family), key, value);
    } catch (RocksDBException e) {
      throw RocksFailures.of("prepare a change of the metadata", e);
    }
    bytes += key.length + value.length;
  }

  void delete(Family family, byte[] key) {
    try {
      batch.delete(database.handle(family), key);
    } catch (RocksDBException e) {
      throw RocksFailures.of("prepare a change of the metadata", e);
    }
    bytes += key.length;
  }

  /**
   * Applies one mutation entirely or, if it throws, not at all. The exception is passed on.
   *
   * @return what the mutation returned; it counts only after {@link #write}
   */
  <T> T apply(Mutation<T> mutation) {
    batch.setSavePoint();
    boolean applied = false;
    try {
      T result = mutation.apply(this);
      applied = true;
      return result;
    } finally {
      endSavePoint(applied);
    }
  }

  private void endSavePoint(boolean keep) {
    try {
      if (keep) {
        batch.popSavePoint();
      } else {
        batch.rollbackToSavePoint();
      }
    } catch (RocksDBException e) {
      throw new IllegalStateException("every mutation has its save point", e);
    }
  }

  /** About how many bytes the changes have. */
  long bytes() {
    return bytes;
  }

  /** Makes all changes durable and visible; false if there are none. */
  boolean write() throws RocksDBException {
    if (batch.count() == 0) {
      return false;
    }
    database.write(batch);
    return true;
  }

  /** Forgets all changes, written or not. */
  void clear() {
    batch.clear();
    bytes = 0;
  }

  @Override
  public void close() {
    batch.close();
  }
}
