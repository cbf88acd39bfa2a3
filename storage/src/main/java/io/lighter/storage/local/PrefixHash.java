package io.lighter.storage.local;

import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;

/**
 * The hash of a file that is written out of order: it follows the bytes from the file's begin as
 * far as they are there without a gap. What comes in order is hashed from memory, so that the last
 * byte of a download is not followed by a read of the whole file.
 *
 * <p>Not thread-safe.
 */
final class PrefixHash {
  private static final int BUFFER = 256 * 1024;

  private final FileChannel channel;
  private final DigestAlgorithm algorithm;
  private final MessageDigest hash;
  private long hashed;

  PrefixHash(FileChannel channel, DigestAlgorithm algorithm) {
    this.channel = channel;
    this.algorithm = algorithm;
    this.hash = algorithm.newMessageDigest();
  }

  /** Number of bytes from the file's begin that are in the hash. */
  long hashed() {
    return hashed;
  }

  /** Takes bytes that were written to the file, if they are the ones that come next. */
  void offer(long position, ByteBuffer bytes) {
    if (position == hashed) {
      hashed += bytes.remaining();
      hash.update(bytes);
    }
  }

  /** Reads on in the file up to {@code end}, but not more than {@code most} bytes. */
  void follow(long end, long most) throws IOException {
    long goal = Math.min(end, hashed + most);
    if (hashed >= goal) {
      return;
    }
    var buffer = ByteBuffer.allocate((int) Math.min(BUFFER, goal - hashed));
    while (hashed < goal) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), goal - hashed));
      int count = SharedFile.read(channel, buffer, hashed);
      if (count < 0) {
        throw new EOFException("the file ends at %d, not at %d".formatted(hashed, goal));
      }
      hash.update(buffer.flip());
      hashed += count;
    }
  }

  /** The digest of what is hashed; nothing can be added after it. */
  Digest digest() {
    return Digest.of(algorithm, hash);
  }
}
