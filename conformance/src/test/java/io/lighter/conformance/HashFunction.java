package io.lighter.conformance;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The digest algorithms that every registry has to know. */
enum HashFunction {
  SHA256("sha256", "SHA-256"),
  SHA512("sha512", "SHA-512");

  private final String identifier;
  private final String jcaName;

  HashFunction(String identifier, String jcaName) {
    this.identifier = identifier;
    this.jcaName = jcaName;
  }

  /** The name in front of the colon. */
  String identifier() {
    return identifier;
  }

  String digest(byte[] content) {
    try {
      byte[] hash = MessageDigest.getInstance(jcaName).digest(content);
      return identifier + ':' + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has " + jcaName, e);
    }
  }
}
