package io.lighter.server.pullthrough;

import io.lighter.oci.Digest;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.BlobStore;
import io.lighter.storage.BlobWriter;
import io.lighter.storage.StorageException;
import io.lighter.storage.UploadId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Blobs as files of one directory. Fails on what the contract forbids: a read from a writer that is
 * closed, a source that is closed twice.
 */
final class DirectoryBlobStore implements BlobStore {
  private final Path directory;
  private final AtomicInteger names = new AtomicInteger();
  private final AtomicInteger openSources = new AtomicInteger();
  private final AtomicInteger openWriters = new AtomicInteger();
  private volatile Runnable beforeCommit = () -> {};
  private volatile Runnable beforeOpen = () -> {};

  DirectoryBlobStore(Path directory) {
    this.directory = directory;
  }

  /** Runs on the committing thread before the blob becomes visible. */
  void beforeCommit(Runnable action) {
    beforeCommit = action;
  }

  /** Runs before a blob is looked up to be opened. */
  void beforeOpen(Runnable action) {
    beforeOpen = action;
  }

  int openSources() {
    return openSources.get();
  }

  int openWriters() {
    return openWriters.get();
  }

  /** Files that are there, temporary ones included. */
  long files() throws IOException {
    try (var files = Files.list(directory)) {
      return files.count();
    }
  }

  @Override
  public Optional<BlobInfo> stat(Digest digest) {
    try {
      return Optional.of(new BlobInfo(digest, Files.size(file(digest))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public boolean isDamaged(Digest digest) {
    return false;
  }

  @Override
  public BlobSource open(Digest digest) {
    beforeOpen.run();
    try {
      var source = new Source(FileChannel.open(file(digest)));
      openSources.incrementAndGet();
      return source;
    } catch (NoSuchFileException e) {
      throw new StorageException.BlobMissing(digest);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Optional<BlobSource> tryOpen(Digest digest) {
    return Optional.empty();
  }

  @Override
  public BlobWriter newWriter() {
    try {
      var writer = new Writer(directory.resolve("tmp-" + names.incrementAndGet()));
      openWriters.incrementAndGet();
      return writer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public BlobWriter newUpload(UploadId id) {
    throw new UnsupportedOperationException("pull-through never uploads");
  }

  @Override
  public BlobWriter resumeUpload(UploadId id) {
    throw new UnsupportedOperationException("pull-through never uploads");
  }

  @Override
  public void deleteUpload(UploadId id) {
    throw new UnsupportedOperationException("pull-through never uploads");
  }

  @Override
  public boolean delete(Digest digest) {
    try {
      return Files.deleteIfExists(file(digest));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {}

  private Path file(Digest digest) {
    return directory.resolve(digest.hex());
  }

  private final class Source implements BlobSource.LocalFile {
    private final FileChannel channel;

    Source(FileChannel channel) {
      this.channel = channel;
    }

    @Override
    public FileChannel channel() {
      return channel;
    }

    @Override
    public long size() {
      try {
        return channel.size();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public int read(ByteBuffer target, long position) {
      try {
        return channel.read(target, position);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      if (!channel.isOpen()) {
        throw new IllegalStateException("source closed twice");
      }
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      openSources.decrementAndGet();
    }
  }

  private final class Writer implements BlobWriter {
    private final Path file;
    private final FileChannel channel;
    private final MessageDigest hash;
    private long size;

    Writer(Path file) throws IOException {
      this.file = file;
      this.channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      this.hash = io.lighter.oci.DigestAlgorithm.SHA256.newMessageDigest();
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public void append(ByteBuffer bytes) {
      hash.update(bytes.duplicate());
      try {
        while (bytes.hasRemaining()) {
          size += channel.write(bytes, size);
        }
      } catch (IOException e) {
        throw new StorageException.Unavailable("disk fails", e);
      }
    }

    @Override
    public int read(ByteBuffer target, long position) {
      if (!channel.isOpen()) {
        throw new IllegalStateException("read from a writer that is closed");
      }
      try {
        return channel.read(target, position);
      } catch (IOException e) {
        throw new StorageException.Unavailable("disk fails", e);
      }
    }

    @Override
    public void cutBack(long newSize) {
      throw new UnsupportedOperationException("pull-through only appends");
    }

    @Override
    public Digest sha256() {
      throw new UnsupportedOperationException("not asked for here");
    }

    @Override
    public BlobInfo commit(Digest expected) {
      beforeCommit.run();
      Digest actual = Digest.of(expected.algorithm(), hash);
      try {
        if (!actual.equals(expected)) {
          Files.delete(file);
          throw new StorageException.DigestMismatch(expected, actual);
        }
        Files.move(file, DirectoryBlobStore.this.file(expected), StandardCopyOption.ATOMIC_MOVE);
        return new BlobInfo(expected, size);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void abort() {
      throw new UnsupportedOperationException("close is enough");
    }

    @Override
    public void close() {
      try {
        channel.close();
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      openWriters.decrementAndGet();
    }
  }
}
