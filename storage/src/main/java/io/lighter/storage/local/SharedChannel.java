package io.lighter.storage.local;

import io.lighter.oci.Digest;
import io.lighter.storage.BlobSource;
import io.lighter.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An open file with a count of its users: the cache, and every lease. Whoever takes the count to
 * zero closes the file, and from zero it never rises again.
 */
final class SharedChannel {
  private static final Logger LOG = LoggerFactory.getLogger(SharedChannel.class);

  private final Digest digest;
  private final FileChannel channel;
  private final long size;
  private final PageCache.@Nullable CachedFile cached;

  /** Starts with one, the cache. */
  private final AtomicInteger users = new AtomicInteger(1);

  /**
   * Takes over an open file.
   *
   * @param cached the same file, if the system can tell what is cached of it
   */
  SharedChannel(
      Digest digest, FileChannel channel, long size, PageCache.@Nullable CachedFile cached) {
    this.digest = digest;
    this.channel = channel;
    this.size = size;
    this.cached = cached;
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  /** A lease; empty if the file was closed, or is about to be. */
  Optional<BlobSource> lease() {
    int before = users.getAndUpdate(count -> count == 0 ? 0 : count + 1);
    return before == 0 ? Optional.empty() : Optional.of(new Lease());
  }

  /** Gives up one use. */
  void release() {
    if (users.decrementAndGet() == 0) {
      // The last lease may end on an event loop, and closing a large deleted file frees its blocks.
      Thread.startVirtualThread(this::close);
    }
  }

  private void close() {
    if (cached != null) {
      cached.close();
    }
    try {
      channel.close();
    } catch (IOException e) {
      LOG.warn("cannot close the file of blob {}", digest, e);
    }
  }

  private final class Lease implements BlobSource.LocalFile {
    private final AtomicBoolean closed = new AtomicBoolean();

    @Override
    public long size() {
      return size;
    }

    @Override
    public FileChannel channel() {
      if (closed.get()) {
        throw new IllegalStateException("this source is closed");
      }
      return channel;
    }

    @Override
    public int read(ByteBuffer target, long position) {
      if (position < 0 || position >= size) {
        throw new IllegalArgumentException(
            "position %d is outside of a blob of %d bytes".formatted(position, size));
      }
      int count;
      try {
        count = SharedFile.read(channel(), target, position);
      } catch (IOException e) {
        throw new StorageException.Unavailable("cannot read blob " + digest, e);
      }
      if (count < 0) {
        throw new StorageException.Corrupt(
            "blob %s ends before byte %d of %d".formatted(digest, position, size), null);
      }
      return count;
    }

    @Override
    public int readCached(ByteBuffer target, long position) {
      if (cached != null && !closed.get()) {
        int count = cached.read(target, position);
        if (count >= 0) {
          return count;
        }
      }
      return read(target, position);
    }

    @Override
    public boolean isCached(long position, long length) {
      return cached == null || cached.holds(position, length);
    }

    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        release();
      }
    }
  }
}
