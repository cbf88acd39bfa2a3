package io.lighter.storage.local;

import io.lighter.oci.Digest;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.Extent;
import io.lighter.storage.Extents;
import io.lighter.storage.PartialBlob;
import io.lighter.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A sparse file with an {@link ExtentFile} beside it. The order that makes a crash harmless: bytes
 * to the file, file to the disk, extents to their file. So the extents on disk never name a byte
 * that is not there, and a crash costs at most what came since the last time.
 */
final class FilePartialBlob implements PartialBlob {

  private static final Logger LOG = LoggerFactory.getLogger(FilePartialBlob.class);

  /** A restart costs no more of the upstream link than this, or what comes in that time. */
  private static final long SAVE_BYTES = 2 * 1024 * 1024;

  private static final Duration SAVE_EVERY = Duration.ofMillis(100);

  /** How many bytes a write reads back for the hash beyond its own: it must not wait for long. */
  private static final int CATCH_UP = 1024 * 1024;

  private enum State {
    OPEN,
    /** Committed or discarded. */
    ENDED,
    CLOSED
  }

  private final FileBlobStore store;
  private final Path path;
  private final ExtentFile extentFile;
  private final FileChannel channel;
  private final Digest digest;
  private final long size;
  private final DiskFloor.Claim room;

  private final ReentrantLock lock = new ReentrantLock();
  private final Extents present; // guarded by lock
  private long unsaved; // guarded by lock
  private volatile long savedAt = System.nanoTime();
  private volatile State state = State.OPEN;

  private final ReentrantLock hashing = new ReentrantLock();
  private final PrefixHash hash; // guarded by hashing

  private final ReentrantLock saving = new ReentrantLock();

  /**
   * @param channel open for reading and writing; belongs to this
   * @param present what is in the file; belongs to this
   * @param room for what is missing; belongs to this
   */
  FilePartialBlob(
      FileBlobStore store,
      Path path,
      ExtentFile extentFile,
      FileChannel channel,
      BlobInfo blob,
      Extents present,
      DiskFloor.Claim room) {
    this.store = store;
    this.path = path;
    this.extentFile = extentFile;
    this.channel = channel;
    this.digest = blob.digest();
    this.size = blob.size();
    this.present = present;
    this.room = room;
    this.hash = new PrefixHash(channel, digest.algorithm());
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public Extents present() {
    lock.lock();
    try {
      return present.copy();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void write(long position, ByteBuffer bytes) {
    requireOpen();
    if (!bytes.hasRemaining()) {
      return;
    }
    var written = new Extent(position, position + bytes.remaining());
    if (written.end() > size) {
      throw new IllegalArgumentException(
          "bytes end at %d, the blob at %d".formatted(written.end(), size));
    }
    try {
      SharedFile.write(channel, bytes.slice(), position);
      hash(position, bytes);
    } catch (IOException e) {
      throw DiskFailures.of("write a part of a blob", path, e);
    }
    bytes.position(bytes.limit());
    if (add(written)) {
      // On another thread: somebody may be waiting for the bytes that come next.
      Thread.ofVirtual().name("save-" + digest.hex()).start(this::saveUnlessSaving);
    }
  }

  /** What cannot be saved now is saved later, or fetched again after a crash. */
  private void saveUnlessSaving() {
    if (saving.tryLock()) {
      try {
        if (state == State.OPEN) {
          save();
        }
      } catch (StorageException e) {
        LOG.warn("what has arrived of {} is not kept over a crash: {}", digest, e.getMessage());
      } finally {
        saving.unlock();
      }
    }
  }

  /** Notes bytes that are in the file; true if it is time to save that. */
  private boolean add(Extent written) {
    lock.lock();
    try {
      long before = present.bytes();
      present.add(written);
      room.written(present.bytes() - before);
      unsaved += written.length();
      boolean due = unsaved >= SAVE_BYTES && System.nanoTime() - savedAt >= SAVE_EVERY.toNanos();
      if (due) {
        unsaved = 0;
      }
      return due;
    } finally {
      lock.unlock();
    }
  }

  /** One thread at a time; the others go on, and the next one catches up. */
  private void hash(long position, ByteBuffer bytes) throws IOException {
    if (hashing.tryLock()) {
      try {
        hash.follow(presentFromBegin(), bytes.remaining() + CATCH_UP);
        hash.offer(position, bytes.slice());
      } finally {
        hashing.unlock();
      }
    }
  }

  private long presentFromBegin() {
    lock.lock();
    try {
      return present.lengthFrom(0);
    } finally {
      lock.unlock();
    }
  }

  private void save() {
    Extents snapshot;
    lock.lock();
    try {
      snapshot = present.copy();
    } finally {
      lock.unlock();
    }
    // An interrupt would close the file for everybody, and keep what is here from being kept.
    boolean interrupted = Thread.interrupted();
    try (var file = FileChannel.open(path, StandardOpenOption.WRITE)) {
      file.force(false);
      extentFile.write(size, snapshot);
    } catch (IOException e) {
      throw DiskFailures.of("save a part of a blob", path, e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      savedAt = System.nanoTime();
    }
  }

  @Override
  public int read(ByteBuffer target, long position) {
    if (state == State.CLOSED) {
      throw new IllegalStateException("this blob is closed");
    }
    long available;
    lock.lock();
    try {
      available = present.lengthFrom(position);
    } finally {
      lock.unlock();
    }
    int wanted = (int) Math.min(target.remaining(), available);
    ByteBuffer window = target.slice(target.position(), wanted);
    try {
      int count = wanted == 0 ? 0 : SharedFile.read(channel, window, position);
      if (count < 0) {
        throw new StorageException.Corrupt(
            "%s ends before byte %d, which was written".formatted(path, position), null);
      }
      target.position(target.position() + count);
      return count;
    } catch (IOException e) {
      throw new StorageException.Unavailable("cannot read back from " + path, e);
    }
  }

  @Override
  public BlobInfo commit() {
    requireOpen();
    if (presentFromBegin() < size) {
      throw new IllegalStateException("%s is not whole: %s".formatted(digest, present()));
    }
    Digest actual = digest();
    if (!actual.equals(digest)) {
      discard();
      throw new StorageException.DigestMismatch(digest, actual);
    }
    saving.lock();
    try {
      // Before its bytes move away: extents without them would be believed after a crash.
      channel.force(true);
      extentFile.delete();
      BlobInfo committed = store.publish(path, new BlobInfo(digest, size));
      state = State.ENDED;
      return committed;
    } catch (IOException e) {
      throw DiskFailures.of("make a blob durable", path, e);
    } finally {
      saving.unlock();
    }
  }

  private Digest digest() {
    hashing.lock();
    try {
      hash.follow(size, size);
      return hash.digest();
    } catch (IOException e) {
      throw DiskFailures.of("read back a blob", path, e);
    } finally {
      hashing.unlock();
    }
  }

  @Override
  public void discard() {
    requireOpen();
    saving.lock();
    try {
      state = State.ENDED;
      remove();
    } catch (IOException e) {
      throw DiskFailures.of("remove a part of a blob", path, e);
    } finally {
      saving.unlock();
    }
  }

  /** The extents first: without their bytes they would be believed. */
  private void remove() throws IOException {
    extentFile.delete();
    Files.deleteIfExists(path);
  }

  @Override
  public void close() {
    if (state == State.CLOSED) {
      return;
    }
    room.close();
    saving.lock();
    try {
      boolean kept = state == State.OPEN;
      state = State.CLOSED;
      if (kept && present().isEmpty()) {
        remove();
      } else if (kept) {
        save();
      }
      channel.close();
    } catch (IOException e) {
      throw DiskFailures.of("close a part of a blob", path, e);
    } finally {
      saving.unlock();
      store.releasePartial(digest);
    }
  }

  private void requireOpen() {
    switch (state) {
      case OPEN -> {}
      case ENDED -> throw new IllegalStateException("this blob was committed or discarded");
      case CLOSED -> throw new IllegalStateException("this blob is closed");
    }
  }
}
