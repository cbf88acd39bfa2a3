package io.lighter.server.pinned;

import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of a blob in memory. Its buffer is freed when the cache has let go of it and the last
 * answer that it is a part of was written. Thread-safe.
 */
final class Pin {
  private final long position;
  private final int length;
  private final ByteBuf bytes;

  /** Takes over a filled buffer. */
  Pin(long position, ByteBuf bytes) {
    this.position = position;
    this.length = bytes.readableBytes();
    this.bytes = bytes;
  }

  int length() {
    return length;
  }

  boolean contains(long at) {
    return at >= position && at < position + length;
  }

  /**
   * The bytes from a position on that it contains, at most {@code most}; to be released. Null if
   * the cache let go of it at this moment.
   */
  @Nullable ByteBuf slice(long at, long most) {
    int from = (int) (at - position);
    try {
      return bytes.retainedSlice(from, (int) Math.min(most, length - from));
    } catch (IllegalReferenceCountException _) {
      return null;
    }
  }

  /** The cache lets go of it. */
  void release() {
    bytes.release();
  }
}
