package io.lighter.storage.rocksdb;

import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import io.lighter.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * A digest in bytes: one for the algorithm, then the hash. It says its own length, and its order is
 * that of {@link Digest#compareTo}.
 */
final class BinaryDigest {
  private static final byte SHA256 = 1;
  private static final byte SHA512 = 2;

  private BinaryDigest() {}

  static byte[] encode(Digest digest) {
    byte code =
        switch (digest.algorithm()) {
          case SHA256 -> SHA256;
          case SHA512 -> SHA512;
        };
    byte[] hash = HexFormat.of().parseHex(digest.hex());
    return ByteBuffer.allocate(1 + hash.length).put(code).put(hash).array();
  }

  /** Reads a digest and leaves the position behind it. */
  static Digest decode(ByteBuffer from) {
    byte code = from.get();
    DigestAlgorithm algorithm;
    if (code == SHA256) {
      algorithm = DigestAlgorithm.SHA256;
    } else if (code == SHA512) {
      algorithm = DigestAlgorithm.SHA512;
    } else {
      throw new StorageException.Corrupt(
          "a stored digest has algorithm code %d; known are %d and %d"
              .formatted(code, SHA256, SHA512),
          null);
    }
    byte[] hash = new byte[algorithm.hexLength() / 2];
    from.get(hash);
    return new Digest(algorithm, HexFormat.of().formatHex(hash));
  }
}
