package io.lighter.storage.local;

import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import io.lighter.storage.BlobIndex;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobQuarantine;
import io.lighter.storage.BlobSource;
import io.lighter.storage.BlobStore;
import io.lighter.storage.BlobWriter;
import io.lighter.storage.PartialBlob;
import io.lighter.storage.StorageException;
import io.lighter.storage.UploadId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * Blobs as files. The {@link BlobIndex} says which blobs there are; a file that it does not list is
 * what a crash, or a failure of the index, left behind. Such a file does no harm: it is replaced
 * when its blob comes again, or removed by a garbage collection. Nothing else ever walks the
 * directory of blobs.
 *
 * <p>Opening, publication and deletion of one blob exclude each other, so that a file and its index
 * entry never drift apart.
 */
public final class FileBlobStore implements BlobStore, BlobQuarantine {
  private final BlobLayout layout;
  private final BlobIndex index;
  private final ChannelCache channels;
  private final Directories directories;
  private final PartialFiles partials;
  private final DiskFloor floor;
  private final DigestLocks locks = new DigestLocks();
  private final Optional<PageCache> pageCache = PageCache.detect();
  private final Executor writeBackWorker = WriteBack.worker();

  /** Shared by those that take files away; exclusive for whoever wants them to stay. */
  private final ReadWriteLock removals = new ReentrantReadWriteLock();

  /** Two writers on one file could change a blob after it was verified. */
  private final Set<UploadId> beingWritten = ConcurrentHashMap.newKeySet();

  /**
   * Opens the store and removes what earlier writers left in {@code tmp/}.
   *
   * @param layout of a directory that a {@link StoreDirectory} holds open
   * @param index belongs to the same directory
   * @param openFiles how many files of blobs are kept open for the next reader
   */
  public FileBlobStore(BlobLayout layout, BlobIndex index, int openFiles) {
    this(layout, index, openFiles, DiskFloor.none());
  }

  /**
   * The same.
   *
   * @param floor what of the disk blobs must not take
   */
  public FileBlobStore(BlobLayout layout, BlobIndex index, int openFiles, DiskFloor floor) {
    this.layout = layout;
    this.index = index;
    this.floor = floor;
    channels = new ChannelCache(openFiles);
    directories = new Directories(layout.root());
    partials = new PartialFiles(this, layout);
    removeTemporaries();
  }

  @Override
  public Optional<BlobInfo> stat(Digest digest) {
    return index.find(digest);
  }

  @Override
  public boolean isDamaged(Digest digest) {
    return index.isDamaged(digest);
  }

  @Override
  public BlobSource open(Digest digest) {
    return channels.lease(digest).orElseGet(() -> openFile(digest));
  }

  @Override
  public Optional<BlobSource> tryOpen(Digest digest) {
    return channels.lease(digest);
  }

  @Override
  public BlobWriter newWriter() {
    floor.expect(1);
    Path path = layout.newTemporary();
    return new FileBlobWriter(
        this, path, null, create(path), DigestAlgorithm.SHA256.newMessageDigest(), 0);
  }

  @Override
  public BlobWriter newUpload(UploadId id) {
    floor.expect(1);
    return claim(
        id,
        path ->
            new FileBlobWriter(
                this, path, id, create(path), DigestAlgorithm.SHA256.newMessageDigest(), 0));
  }

  @Override
  public BlobWriter resumeUpload(UploadId id) {
    return claim(id, path -> resume(id, path));
  }

  @Override
  public PartialBlob openPartial(Digest digest, long size) {
    return partials.open(new BlobInfo(digest, size));
  }

  @Override
  public void deleteUpload(UploadId id) {
    remove(layout.upload(id));
  }

  /** The entry goes first: a crash in between leaves a file that nobody asks for. */
  @Override
  public boolean delete(Digest digest) {
    return removing(
        digest,
        () -> {
          boolean removed = index.remove(digest);
          channels.remove(digest);
          remove(layout.blob(digest));
          return removed;
        });
  }

  @Override
  public Optional<String> defect(BlobInfo blob, LongConsumer read) {
    return FileInspection.defect(layout.blob(blob.digest()), blob, read);
  }

  /** The entry goes last: a crash in between leaves a blob that the next inspection finds. */
  @Override
  public boolean setAside(BlobInfo blob, Loss loss) {
    return removing(
        blob.digest(),
        () -> {
          // It may have been deleted and stored anew since somebody looked.
          boolean damaged =
              index.find(blob.digest()).equals(Optional.of(blob))
                  && defect(blob, _ -> {}).isPresent();
          if (damaged) {
            channels.remove(blob.digest());
            quarantine(blob.digest());
            switch (loss) {
              case FORGET -> index.remove(blob.digest());
              case REMEMBER -> index.markDamaged(blob);
            }
          }
          return damaged;
        });
  }

  private void quarantine(Digest digest) {
    Path file = layout.blob(digest);
    try {
      directories.ensure(layout.quarantine());
      Files.move(file, layout.newQuarantined(digest), StandardCopyOption.ATOMIC_MOVE);
      Directories.sync(layout.quarantine());
      Directories.sync(layout.shard(digest));
    } catch (NoSuchFileException _) {
      // Its loss is the damage.
    } catch (IOException e) {
      throw DiskFailures.of("set a damaged blob aside", file, e);
    }
  }

  /**
   * Runs something while no file of a blob is taken away. Deletions wait for its end; blobs go on
   * to be read and stored. Not to be nested.
   */
  public void withoutRemovals(Runnable action) {
    removals.writeLock().lock();
    try {
      action.run();
    } finally {
      removals.writeLock().unlock();
    }
  }

  private boolean removing(Digest digest, BooleanSupplier removal) {
    Lock lock = locks.of(digest);
    removals.readLock().lock();
    try {
      lock.lock();
      try {
        return removal.getAsBoolean();
      } finally {
        lock.unlock();
      }
    } finally {
      removals.readLock().unlock();
    }
  }

  /**
   * Removes the file of a blob that was doomed. The index is asked under the lock that publication
   * holds: a blob that came back has its new file in that place.
   *
   * @return false if the blob is not doomed any more
   */
  boolean removeDoomed(Digest digest) {
    return removing(
        digest,
        () -> {
          boolean doomed = index.isDoomed(digest);
          if (doomed) {
            channels.remove(digest);
            remove(layout.blob(digest));
            index.buried(digest);
          }
          return doomed;
        });
  }

  /** Closes the files that nobody reads. */
  @Override
  public void close() {
    channels.clear();
  }

  /**
   * Moves a verified and synced file to its place and indexes it, or removes it if the blob is
   * there already.
   *
   * <p>If the index fails, the file stays in its place: whether the entry is durable is not known
   * then, and an entry must not lose its file.
   */
  BlobInfo publish(Path file, BlobInfo blob) throws IOException {
    Lock lock = locks.of(blob.digest());
    lock.lock();
    try {
      var present = index.renew(blob.digest());
      if (present.isPresent()) {
        Files.deleteIfExists(file);
        return present.get();
      }
      Path target = layout.blob(blob.digest());
      Path shard = layout.shard(blob.digest());
      directories.ensure(shard);
      Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
      Directories.sync(shard);
      index.add(blob);
      return blob;
    } finally {
      lock.unlock();
    }
  }

  /** The blob, if it is here and will stay for the grace period. */
  Optional<BlobInfo> renew(Digest digest) {
    return index.renew(digest);
  }

  /** What of the disk blobs must not take. */
  DiskFloor floor() {
    return floor;
  }

  /** Begins to bring a file to the disk that somebody writes. */
  WriteBack writeBack(Path path, long size) {
    return new WriteBack(path, size, pageCache, writeBackWorker);
  }

  /** Called once by the writer of an upload when it lets go of the file. */
  void release(UploadId id) {
    beingWritten.remove(id);
  }

  /** Called once by a partial blob when it lets go of its file. */
  void releasePartial(Digest digest) {
    partials.release(digest);
  }

  /**
   * Removes what is left of partial blobs that nobody has added to since then.
   *
   * @return how many those were
   */
  public int removePartials(Instant untouchedSince) {
    return partials.removeUntouched(untouchedSince);
  }

  /** Bytes that have arrived of partial blobs, as of the last time that their extents were kept. */
  public long partialBytes() {
    return partials.bytes();
  }

  /** Removes a file if it exists. */
  void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw DiskFailures.of("remove a file", file, e);
    }
  }

  private BlobSource openFile(Digest digest) {
    Lock lock = locks.of(digest);
    lock.lock();
    try {
      return channels
          .lease(digest)
          .orElseGet(() -> openFile(index.find(digest).orElseThrow(() -> absent(digest))));
    } finally {
      lock.unlock();
    }
  }

  private StorageException absent(Digest digest) {
    return index.isDamaged(digest)
        ? new StorageException.BlobDamaged(digest)
        : new StorageException.BlobMissing(digest);
  }

  private BlobSource openFile(BlobInfo blob) {
    Path path = layout.blob(blob.digest());
    try {
      var channel = FileChannel.open(path, StandardOpenOption.READ);
      long size = channel.size();
      if (size != blob.size()) {
        channel.close();
        throw new StorageException.Corrupt(
            "the file of blob %s has %d bytes; it had %d"
                .formatted(blob.digest(), size, blob.size()),
            null);
      }
      return channels.add(blob.digest(), shared(blob, path, channel));
    } catch (NoSuchFileException e) {
      throw new StorageException.Corrupt("the file of blob " + blob.digest() + " is missing", e);
    } catch (IOException e) {
      throw DiskFailures.of("open a blob", path, e);
    }
  }

  private SharedChannel shared(BlobInfo blob, Path path, FileChannel channel) throws IOException {
    try {
      return new SharedChannel(
          blob.digest(),
          channel,
          blob.size(),
          pageCache.isPresent() ? pageCache.get().open(path) : null);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private BlobWriter claim(UploadId id, WriterOpener opener) {
    if (!beingWritten.add(id)) {
      throw new StorageException.Unavailable(
          "upload %s is being written by another request; try again when that has ended"
              .formatted(id),
          null);
    }
    try {
      return opener.open(layout.upload(id));
    } catch (RuntimeException e) {
      release(id);
      throw e;
    }
  }

  private static FileChannel create(Path path) {
    try {
      return FileChannel.open(
          path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException e) {
      throw new StorageException.Unavailable("there is an upload of this name already", e);
    } catch (IOException e) {
      throw DiskFailures.of("begin a blob", path, e);
    }
  }

  private BlobWriter resume(UploadId id, Path path) {
    try {
      var channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
      try {
        long size = channel.size();
        MessageDigest hash = FileHash.of(channel, size, DigestAlgorithm.SHA256);
        return new FileBlobWriter(this, path, id, channel, hash, size);
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (NoSuchFileException _) {
      throw new StorageException.UploadMissing(id);
    } catch (IOException e) {
      throw DiskFailures.of("resume an upload", path, e);
    }
  }

  private void removeTemporaries() {
    try (Stream<Path> left = Files.list(layout.temporary())) {
      left.forEach(this::remove);
    } catch (IOException e) {
      throw DiskFailures.of("empty a directory", layout.temporary(), e);
    }
  }

  @FunctionalInterface
  private interface WriterOpener {
    BlobWriter open(Path path);
  }
}
