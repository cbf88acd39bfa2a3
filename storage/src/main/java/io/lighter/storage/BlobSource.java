package io.lighter.storage;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.List;

/** An open blob. Thread-safe; close exactly once. */
public sealed interface BlobSource extends AutoCloseable
    permits BlobSource.LocalFile, BlobSource.Growing, BlobSource.Memory {

  /** Length of the whole blob in bytes, known from the start. */
  long size();

  /**
   * Reads at least one byte into {@code target}, at most what remains in it. May block.
   *
   * @param position from 0 to {@code size() - 1}
   * @return number of bytes read, at least 1
   * @throws StorageException if the bytes cannot be had
   */
  int read(ByteBuffer target, long position);

  @Override
  void close();

  /** A complete blob in a file, fit to be sent by the kernel. */
  non-sealed interface LocalFile extends BlobSource {

    /**
     * The open file. Shared: only positional reads, never a close. Valid until this source closes.
     */
    FileChannel channel();

    /**
     * Reads what is in the page cache, without waiting for a disk. Safe on an event loop, where the
     * system can tell what is cached: Linux can. Elsewhere everything counts as cached.
     *
     * @param target a direct buffer
     * @param position from 0 to {@code size() - 1}
     * @return number of bytes read; 0 if the first of them would have to come from the disk, or
     *     cannot be read: then {@link #read} tells
     */
    int readCached(ByteBuffer target, long position);

    /**
     * Whether a range is in the page cache as a whole, so that sending it will hardly wait for a
     * disk. As safe as {@link #readCached}; takes time in proportion to the length, some ten
     * microseconds for a megabyte.
     */
    boolean isCached(long position, long length);
  }

  /**
   * A blob that is still arriving. {@link #read} waits until the bytes at the position are here and
   * fails when they will not come. Bytes seen through it are not verified until the whole blob is.
   */
  non-sealed interface Growing extends BlobSource {

    /**
     * Says which bytes will be read, and waits until the first of them is here. To be called before
     * the first read; without it, all bytes are expected to be read in their order.
     *
     * @param wanted in the order in which they will be read
     * @param patience how long to wait
     * @throws RuntimeException if the byte will not come, or does not in time
     */
    void prepare(List<Extent> wanted, Duration patience);
  }

  /** Content that is in memory as a whole. Closing it does nothing. */
  @SuppressWarnings("ArrayRecordComponent") // Never written, never compared.
  record Memory(byte[] content) implements BlobSource {

    @Override
    public long size() {
      return content.length;
    }

    @Override
    public int read(ByteBuffer target, long position) {
      int count = Math.min(target.remaining(), content.length - (int) position);
      target.put(content, (int) position, count);
      return count;
    }

    @Override
    public void close() {}
  }
}
