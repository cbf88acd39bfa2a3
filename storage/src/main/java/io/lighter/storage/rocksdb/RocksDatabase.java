package io.lighter.storage.rocksdb;

import io.lighter.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatchWithIndex;

/**
 * The open RocksDB with its column families. Reads may come from any thread; {@link #write} belongs
 * to the {@link MetadataWriter}.
 *
 * <p>A call into a closed RocksDB would crash the process, so every use holds a read lock and
 * {@link #close} waits for them; a use after that fails with {@link StorageException.Unavailable}.
 */
final class RocksDatabase implements View, AutoCloseable {
  private static final long PROBE_BYTES = 1 << 20;

  private final Path directory;
  private final long memory;
  private final ReadWriteLock lifetime = new ReentrantReadWriteLock();

  /** Guarded by {@link #lifetime}; missing once closed, or while it cannot be opened anew. */
  private @Nullable OpenRocks open;

  /** Those of openings that are over; RocksDB counts anew in each. Guarded by {@link #lifetime}. */
  private long earlierBackgroundErrors;

  private RocksDatabase(Path directory, long memory, OpenRocks open) {
    this.directory = directory;
    this.memory = memory;
    this.open = open;
  }

  /**
   * Opens the database and creates what is missing of it.
   *
   * @param memory bytes that RocksDB may hold outside the heap
   * @throws StorageException.Unavailable if another process has it open, or it cannot be opened
   * @throws StorageException.Corrupt if it is damaged
   */
  static RocksDatabase open(Path directory, long memory) {
    return new RocksDatabase(directory, memory, OpenRocks.open(directory, memory));
  }

  /** Opens a database that nobody changes. */
  static RocksDatabase readOnly(Path directory, long memory) {
    return new RocksDatabase(directory, memory, OpenRocks.readOnly(directory, memory));
  }

  @Override
  public Optional<byte[]> get(Family family, byte[] key) {
    return reading(rocks ->
        Optional.ofNullable(rocks.rocks().get(rocks.handle(family), rocks.reading(), key)));
  }

  @Override
  public List<Entry> scan(Family family, byte[] prefix, byte[] from, int limit) {
    return reading(rocks -> collect(rocks, family, null, prefix, from, limit));
  }

  /** A key's value with the changes of {@code batch}. */
  Optional<byte[]> get(WriteBatchWithIndex batch, Family family, byte[] key) {
    return reading(rocks ->
        Optional.ofNullable(
            batch.getFromBatchAndDB(rocks.rocks(), rocks.handle(family), rocks.reading(), key)));
  }

  /** Entries with the changes of {@code batch}. */
  List<Entry> scan(
      WriteBatchWithIndex batch, Family family, byte[] prefix, byte[] from, int limit) {
    return reading(rocks -> collect(rocks, family, batch, prefix, from, limit));
  }

  /** Makes a batch durable and visible. */
  void write(WriteBatchWithIndex batch) throws RocksDBException {
    lifetime.readLock().lock();
    try {
      var rocks = requireOpen();
      rocks.rocks().write(rocks.synced(), batch);
    } finally {
      lifetime.readLock().unlock();
    }
  }

  /** Valid for the changes of one batch; {@link #reopen} makes others. */
  ColumnFamilyHandle handle(Family family) {
    lifetime.readLock().lock();
    try {
      return requireOpen().handle(family);
    } finally {
      lifetime.readLock().unlock();
    }
  }

  /**
   * Makes a copy of the database as it is at one moment, which shares its immutable files where the
   * file system can do that.
   *
   * @param target must not exist
   */
  void checkpoint(Path target) {
    reading(rocks -> {
      try (var checkpoint = Checkpoint.create(rocks.rocks())) {
        checkpoint.createCheckpoint(target.toString());
      }
      return target;
    });
  }

  /**
   * Closes and opens the database, which is how RocksDB gets over an error of the disk, if the disk
   * takes writes again. Readers wait meanwhile.
   *
   * @throws StorageException if the disk still fails; the database stays as it was, unless it was
   *     the opening that failed: then it is closed until the next try
   */
  void reopen() {
    probe();
    lifetime.writeLock().lock();
    try {
      if (open != null) {
        earlierBackgroundErrors += open.backgroundErrors();
        open.close();
        open = null;
      }
      open = OpenRocks.open(directory, memory);
    } catch (RocksDBException e) {
      throw RocksFailures.of("count the errors of the metadata", e);
    } finally {
      lifetime.writeLock().unlock();
    }
  }

  /** RocksDB that is closed for nothing would take the reads away as well. */
  private void probe() {
    Path probe = directory.resolve("PROBE");
    try (var channel =
        FileChannel.open(probe, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      // Where a file may grow, the log may too.
      channel.write(ByteBuffer.wrap(new byte[] {1}), PROBE_BYTES);
      channel.force(true);
    } catch (IOException e) {
      throw new StorageException.Unavailable("the disk does not take writes yet", e);
    } finally {
      try {
        Files.deleteIfExists(probe);
      } catch (IOException _) {
        // Overwritten by the next probe.
      }
    }
  }

  @Override
  public void close() {
    lifetime.writeLock().lock();
    try {
      if (open != null) {
        open.close();
        open = null;
      }
    } finally {
      lifetime.writeLock().unlock();
    }
  }

  private static List<Entry> collect(
      OpenRocks rocks,
      Family family,
      @Nullable WriteBatchWithIndex batch,
      byte[] prefix,
      byte[] from,
      int limit)
      throws RocksDBException {
    var entries = new ArrayList<Entry>();
    // The bound keeps the iterator from walking over the deleted keys of the neighbour.
    try (var bound = bound(prefix);
        var options = options(bound);
        var iterator = iterator(rocks, family, batch, options)) {
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

  private static RocksIterator iterator(
      OpenRocks rocks, Family family, @Nullable WriteBatchWithIndex batch, ReadOptions options) {
    var handle = rocks.handle(family);
    RocksIterator base = rocks.rocks().newIterator(handle, options);
    return batch == null ? base : batch.newIteratorWithBase(handle, base, options);
  }

  /**
   * A read that waits for nobody.
   *
   * @return empty if the database is closed, or is being closed or opened
   */
  <T> Optional<T> glance(NativeRead<T> read) {
    if (!lifetime.readLock().tryLock()) {
      return Optional.empty();
    }
    try {
      return open == null ? Optional.empty() : Optional.of(read.run(open));
    } catch (RocksDBException e) {
      throw RocksFailures.of("read the properties of the metadata", e);
    } finally {
      lifetime.readLock().unlock();
    }
  }

  /** Background errors before the last {@link #reopen}. For {@link #glance} only. */
  long earlierBackgroundErrors() {
    return earlierBackgroundErrors;
  }

  Path directory() {
    return directory;
  }

  private <T> T reading(NativeRead<T> read) {
    lifetime.readLock().lock();
    try {
      return read.run(requireOpen());
    } catch (RocksDBException e) {
      throw RocksFailures.of("read metadata", e);
    } finally {
      lifetime.readLock().unlock();
    }
  }

  private OpenRocks requireOpen() {
    if (open == null) {
      throw new StorageException.Unavailable("the metadata store is closed", null);
    }
    return open;
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

  /** Uses the open database; it is not closed before this returns. */
  @FunctionalInterface
  interface NativeRead<T> {
    T run(OpenRocks rocks) throws RocksDBException;
  }
}
