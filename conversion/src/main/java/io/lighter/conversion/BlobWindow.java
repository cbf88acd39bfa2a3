package io.lighter.conversion;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;

/**
 * A blob that is read mostly from front to back, in larger pieces than whoever reads it asks for.
 * Not thread-safe.
 */
final class BlobWindow {

  private static final int LENGTH = 256 << 10;

  private final BlobView blob;
  private final long size;
  private final byte[] bytes = new byte[LENGTH];
  private long start;
  private int length;

  BlobWindow(BlobView blob, long size) {
    this.blob = blob;
    this.size = size;
  }

  /** What was read; changes with each call of {@link #at}. */
  byte[] bytes() {
    return bytes;
  }

  /** Index in {@link #bytes} behind the last byte that was read. */
  int end() {
    return length;
  }

  /**
   * Has some bytes of the blob in the window.
   *
   * @param least how many there are to be at least, unless the blob ends; not more than 4096
   * @return index in {@link #bytes} of the one at this position; {@link #end} at the blob's end
   */
  int at(long position, int least) throws IOException {
    boolean there = position >= start && position <= start + length;
    if (!there || Math.min(position + least, size) > start + length) {
      move(position);
    }
    return (int) (position - start);
  }

  /** Reads exactly this many bytes. */
  void read(long position, byte[] target, int offset, int wanted) throws IOException {
    if (position < 0 || wanted > size - position) {
      throw new UnconvertibleLayerException(
          "the blob ends at %d, before %d".formatted(size, position + wanted));
    }
    for (int done = 0; done < wanted; ) {
      int from = at(position + done, 1);
      int n = Math.min(wanted - done, length - from);
      System.arraycopy(bytes, from, target, offset + done, n);
      done += n;
    }
  }

  private void move(long position) throws IOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("the conversion was interrupted");
    }
    start = position;
    length = 0;
    int wanted = (int) Math.min(LENGTH, size - position);
    var target = ByteBuffer.wrap(bytes, 0, wanted);
    while (target.hasRemaining()) {
      int n = blob.read(position + target.position(), target);
      if (n < 0) {
        throw new IOException(
            "the blob ends at %d, not at %d".formatted(position + target.position(), size));
      }
    }
    length = wanted;
  }
}
