package io.lighter.conversion;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Random access to the bytes of a blob. */
@FunctionalInterface
public interface BlobView {

  /**
   * Reads some bytes.
   *
   * @param position where in the blob, from 0
   * @param target takes at most as many bytes as it has room for
   * @return how many were read, at least 1; negative at the end of the blob
   */
  int read(long position, ByteBuffer target) throws IOException;

  /** Reads {@code length} bytes from {@code position}, all of them. */
  default byte[] read(long position, int length) throws IOException {
    var target = ByteBuffer.allocate(length);
    while (target.hasRemaining()) {
      if (read(position + target.position(), target) < 0) {
        throw new EOFException(
            "the blob ends at %d, before %d".formatted(target.position(), position + length));
      }
    }
    return target.array();
  }
}
