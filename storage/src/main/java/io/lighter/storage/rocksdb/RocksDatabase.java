package io.lighter.storage.rocksdb;

import io.lighter.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatchWithIndex;
import org.rocksdb.WriteOptions;

/**
 * The open RocksDB with its column families. Reads may come from any thread; {@link #write} belongs
 * to the {@link MetadataWriter}.
 *
 * <p>A call into a closed RocksDB would crash the process, so every use holds a read lock and
 * {@link #close} waits for them; a use after that fails with {@link StorageException.Unavailable}.
 */
final class RocksDatabase implements View, AutoCloseable {
  private final NativeResources resources = new NativeResources();
  private final RocksDB rocks;
  private final Map<Family, ColumnFamilyHandle> handles = new EnumMap<>(Family.class);
  private final WriteOptions synced;
  private final ReadOptions reading;
  private final ReadWriteLock lifetime = new ReentrantReadWriteLock();
  private boolean closed;

  /**
   * Opens the database and creates what is missing of it.
   *
   * @param memory bytes that RocksDB may hold outside the heap
   * @throws StorageException.Unavailable if another process has it open, or it cannot be opened
   * @throws StorageException.Corrupt if it is damaged
   */
  RocksDatabase(Path directory, long memory) {
    RocksDB.loadLibrary();
    var opened = new ArrayList<ColumnFamilyHandle>();
    try {
      Files.createDirectories(directory);
      var settings = new RocksSettings(memory, resources);
      synced = resources.own(new WriteOptions()).setSync(true);
      reading = resources.own(new ReadOptions());
      rocks =
          resources.own(
              RocksDB.open(
                  settings.database(),
                  directory.toString(),
                  descriptors(settings.families()),
                  opened));
    } catch (RocksDBException e) {
      resources.close();
      throw RocksFailures.of("open the metadata in " + directory, e);
    } catch (IOException e) {
      resources.close();
      throw new StorageException.Unavailable("cannot create the directory " + directory, e);
    }
    opened.forEach(resources::own);
    var handle = opened.iterator();
    handle.next(); // of "default"
    for (var family : Family.values()) {
      handles.put(family, handle.next());
    }
  }

  /** RocksDB insists on its family "default", which stays empty. */
  private static List<ColumnFamilyDescriptor> descriptors(ColumnFamilyOptions options) {
    var descriptors = new ArrayList<ColumnFamilyDescriptor>();
    descriptors.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, options));
    for (var family : Family.values()) {
      descriptors.add(new ColumnFamilyDescriptor(family.storedName(), options));
    }
    return descriptors;
  }

  @Override
  public Optional<byte[]> get(Family family, byte[] key) {
    return reading(() -> Optional.ofNullable(rocks.get(handle(family), reading, key)));
  }

  @Override
  public List<Entry> scan(Family family, byte[] prefix, byte[] from, int limit) {
    return reading(() -> collect(family, null, prefix, from, limit));
  }

  /** A key's value with the changes of {@code batch}. */
  Optional<byte[]> get(WriteBatchWithIndex batch, Family family, byte[] key) {
    return reading(
        () -> Optional.ofNullable(batch.getFromBatchAndDB(rocks, handle(family), reading, key)));
  }

  /** Entries with the changes of {@code batch}. */
  List<Entry> scan(
      WriteBatchWithIndex batch, Family family, byte[] prefix, byte[] from, int limit) {
    return reading(() -> collect(family, batch, prefix, from, limit));
  }

  /** Makes a batch durable and visible. */
  void write(WriteBatchWithIndex batch) throws RocksDBException {
    lifetime.readLock().lock();
    try {
      requireOpen();
      rocks.write(synced, batch);
    } finally {
      lifetime.readLock().unlock();
    }
  }

  ColumnFamilyHandle handle(Family family) {
    var handle = handles.get(family);
    if (handle == null) {
      throw new IllegalStateException("every family was opened, but not " + family);
    }
    return handle;
  }

  @Override
  public void close() {
    lifetime.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        rocks.cancelAllBackgroundWork(true);
        resources.close();
      }
    } finally {
      lifetime.writeLock().unlock();
    }
  }

  private List<Entry> collect(
      Family family, @Nullable WriteBatchWithIndex batch, byte[] prefix, byte[] from, int limit)
      throws RocksDBException {
    var entries = new ArrayList<Entry>();
    // The bound keeps the iterator from walking over the deleted keys of the neighbour.
    try (var bound = bound(prefix);
        var options = options(bound);
        var iterator = iterator(family, batch, options)) {
      iterator.seek(from);
      while (entries.size() < limit && iterator.isValid() && startsWith(iterator.key(), prefix)) {
        entries.add(new Entry(iterator.key(), iterator.value()));
        iterator.next();
      }
      iterator.status();
    }
    return entries;
  }

  private static ReadOptions options(@Nullable Slice bound) {
    var options = new ReadOptions();
    return bound == null ? options : options.setIterateUpperBound(bound);
  }

  private RocksIterator iterator(
      Family family, @Nullable WriteBatchWithIndex batch, ReadOptions options) {
    RocksIterator base = rocks.newIterator(handle(family), options);
    return batch == null ? base : batch.newIteratorWithBase(handle(family), base, options);
  }

  private <T> T reading(NativeRead<T> read) {
    lifetime.readLock().lock();
    try {
      requireOpen();
      return read.run();
    } catch (RocksDBException e) {
      throw RocksFailures.of("read metadata", e);
    } finally {
      lifetime.readLock().unlock();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new StorageException.Unavailable("the metadata store is closed", null);
    }
  }

  private static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }

  /** The least key that is greater than all that begin with the prefix, if there is one. */
  private static @Nullable Slice bound(byte[] prefix) {
    for (int last = prefix.length - 1; last >= 0; last--) {
      if (prefix[last] != (byte) 0xff) {
        byte[] next = Arrays.copyOf(prefix, last + 1);
        next[last]++;
        return new Slice(next);
      }
    }
    return null;
  }

  @FunctionalInterface
  private interface NativeRead<T> {
    T run() throws RocksDBException;
  }
}
