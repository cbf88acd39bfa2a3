package io.lighter.storage.local;

import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobWriter;
import io.lighter.storage.StorageException;
import io.lighter.storage.UploadId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes one file. The size that others see grows only after the bytes are in the file and in the
 * hash; so nobody reads what is not there, and a write that fails half-way leaves no trace.
 */
final class FileBlobWriter implements BlobWriter {

  private enum State {
    OPEN,
    /** Committed or aborted: nothing may be appended, others may still read. */
    ENDED,
    CLOSED
  }

  private final FileBlobStore store;
  private final Path path;
  private final @Nullable UploadId upload;
  private final FileChannel channel;
  private final WriteBack writeBack;
  private MessageDigest sha256;
  private volatile long size;
  private State state = State.OPEN;

  /**
   * Continues a file.
   *
   * @param upload name of the upload if the file shall outlive this writer
   * @param channel open for reading and writing; belongs to this writer
   * @param sha256 fed with the first {@code size} bytes
   * @param size length of the file
   */
  FileBlobWriter(
      FileBlobStore store,
      Path path,
      @Nullable UploadId upload,
      FileChannel channel,
      MessageDigest sha256,
      long size) {
    this.store = store;
    this.path = path;
    this.upload = upload;
    this.channel = channel;
    this.writeBack = store.writeBack(path, size);
    this.sha256 = sha256;
    this.size = size;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void expect(long bytes) {
    requireOpen();
    store.floor().expect(bytes);
  }

  @Override
  public void append(ByteBuffer bytes) {
    requireOpen();
    store.floor().require(bytes.remaining());
    long end = size + bytes.remaining();
    try {
      SharedFile.write(channel, bytes.slice(), size);
    } catch (IOException e) {
      dropUncounted(e);
      throw DiskFailures.of("append to a blob", path, e);
    }
    writeBack.endsAt(end);
    sha256.update(bytes);
    size = end;
  }

  /** Removes what a failed write left behind the last byte that counts. */
  private void dropUncounted(IOException failure) {
    try {
      channel.truncate(size);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  @Override
  public void cutBack(long newSize) {
    requireOpen();
    Objects.checkFromToIndex(newSize, size, size);
    try {
      channel.truncate(newSize);
      size = newSize;
      writeBack.endsAt(newSize);
      sha256 = FileHash.of(channel, newSize, DigestAlgorithm.SHA256);
    } catch (IOException e) {
      throw DiskFailures.of("cut back a blob", path, e);
    }
  }

  @Override
  public int read(ByteBuffer target, long position) {
    long available = size - position;
    if (available <= 0) {
      return -1;
    }
    int wanted = (int) Math.min(target.remaining(), available);
    ByteBuffer window = target.slice(target.position(), wanted);
    try {
      int count = SharedFile.read(channel, window, position);
      if (count > 0) {
        target.position(target.position() + count);
      }
      return count;
    } catch (IOException e) {
      throw new StorageException.Unavailable("cannot read back from " + path, e);
    }
  }

  @Override
  public Digest sha256() {
    try {
      return Digest.of(DigestAlgorithm.SHA256, (MessageDigest) sha256.clone());
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("every Java platform can copy the state of SHA-256", e);
    }
  }

  @Override
  public BlobInfo commit(Digest expected) {
    requireOpen();
    Digest actual = digest(expected.algorithm());
    if (!actual.equals(expected)) {
      abort();
      throw new StorageException.DigestMismatch(expected, actual);
    }
    var present = store.renew(expected);
    if (present.isPresent()) {
      abort();
      return present.get();
    }
    sync();
    try {
      BlobInfo committed = store.publish(path, new BlobInfo(expected, size));
      state = State.ENDED;
      return committed;
    } catch (NoSuchFileException e) {
      throw missing(e);
    } catch (IOException e) {
      throw DiskFailures.of("move a blob to its place", path, e);
    }
  }

  private Digest digest(DigestAlgorithm algorithm) {
    return switch (algorithm) {
      case SHA256 -> sha256();
      case SHA512 -> {
        try {
          yield Digest.of(algorithm, FileHash.of(channel, size, algorithm));
        } catch (IOException e) {
          throw DiskFailures.of("read back a blob", path, e);
        }
      }
    };
  }

  /**
   * After a failed sync the system may take the pages for clean although they are not on the disk:
   * a second sync would succeed and prove nothing. So the file is given up.
   */
  private void sync() {
    try {
      channel.force(true);
    } catch (IOException e) {
      abort();
      throw DiskFailures.of("make a blob durable", path, e);
    }
  }

  private StorageException missing(NoSuchFileException e) {
    return upload == null
        ? DiskFailures.of("move a blob to its place", path, e)
        : new StorageException.UploadMissing(upload);
  }

  @Override
  public void abort() {
    requireOpen();
    state = State.ENDED;
    store.remove(path);
  }

  @Override
  public void close() {
    if (state == State.CLOSED) {
      return;
    }
    boolean unfinished = state == State.OPEN;
    state = State.CLOSED;
    writeBack.close();
    try {
      channel.close();
      if (unfinished && upload == null) {
        store.remove(path);
      }
    } catch (IOException e) {
      throw DiskFailures.of("close a blob", path, e);
    } finally {
      if (upload != null) {
        store.release(upload);
      }
    }
  }

  private void requireOpen() {
    switch (state) {
      case OPEN -> {}
      case ENDED -> throw new IllegalStateException("this blob was committed or aborted");
      case CLOSED -> throw new IllegalStateException("this writer is closed");
    }
  }
}
