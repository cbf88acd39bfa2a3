package io.lighter.oci;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/** The digest algorithms that content may be addressed by (OCI Image Specification, "Digests"). */
public enum DigestAlgorithm {
  SHA256("sha256", "SHA-256", 64),
  SHA512("sha512", "SHA-512", 128);

  private final String identifier;
  private final String jcaName;
  private final int hexLength;

  DigestAlgorithm(String identifier, String jcaName, int hexLength) {
    this.identifier = identifier;
    this.jcaName = jcaName;
    this.hexLength = hexLength;
  }

  /** The algorithm as it stands before the colon of a digest. */
  public String identifier() {
    return identifier;
  }

  /** Number of lower-case hex characters that the encoded part has. */
  public int hexLength() {
    return hexLength;
  }

  /** A fresh hash state; not thread-safe. */
  public MessageDigest newMessageDigest() {
    try {
      return MessageDigest.getInstance(jcaName);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + jcaName, e);
    }
  }

  /** The algorithm with this identifier, if Lighter supports it. */
  public static Optional<DigestAlgorithm> of(String identifier) {
    for (var algorithm : values()) {
      if (algorithm.identifier.equals(identifier)) {
        return Optional.of(algorithm);
      }
    }
    return Optional.empty();
  }
}
