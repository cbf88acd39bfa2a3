package io.lighter.conversion;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of a blob one after the other. Remembers that they could not be read, which says something
 * else than that they make no sense. Not thread-safe.
 */
final class PackedBytes extends InputStream {
  private final BlobView blob;
  private final long end;
  private long position;
  private @Nullable IOException failure;

  PackedBytes(BlobView blob, long position, long end) {
    this.blob = blob;
    this.position = position;
    this.end = end;
  }

  @Override
  public int read() throws IOException {
    var single = new byte[1];
    return read(single, 0, 1) < 0 ? -1 : single[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (position >= end) {
      return -1;
    }
    int most = (int) Math.min(length, end - position);
    try {
      int count = blob.read(position, ByteBuffer.wrap(target, offset, most));
      position += Math.max(count, 0);
      return count;
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  /** Throws what the blob could not be read for, if it could not. */
  void rethrow() throws IOException {
    if (failure != null) {
      throw failure;
    }
  }
}
