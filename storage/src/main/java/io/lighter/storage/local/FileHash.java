package io.lighter.storage.local;

import io.lighter.oci.DigestAlgorithm;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;

/** Hashes what is in a file already. */
final class FileHash {
  private static final int BUFFER = 256 * 1024;

  private FileHash() {}

  /** The state of the hash after the first {@code size} bytes of the file. */
  static MessageDigest of(FileChannel channel, long size, DigestAlgorithm algorithm)
      throws IOException {
    var hash = algorithm.newMessageDigest();
    var buffer = ByteBuffer.allocate(BUFFER);
    long position = 0;
    while (position < size) {
      buffer.clear().limit((int) Math.min(BUFFER, size - position));
      int count = channel.read(buffer, position);
      if (count < 0) {
        throw new EOFException("the file ends at %d, not at %d".formatted(position, size));
      }
      hash.update(buffer.flip());
      position += count;
    }
    return hash;
  }
}
