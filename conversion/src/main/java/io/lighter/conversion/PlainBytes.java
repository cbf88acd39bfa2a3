package io.lighter.conversion;

import java.io.IOException;

/** A stream of uncompressed bytes of a layer. */
@FunctionalInterface
interface PlainBytes {

  /**
   * Reads until {@code length} bytes are there or the stream ends.
   *
   * @return how many bytes were read, less than {@code length} only at the end
   */
  int read(byte[] target, int offset, int length) throws IOException;
}
