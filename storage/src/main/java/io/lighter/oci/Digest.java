package io.lighter.oci;

import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The address of content: an algorithm and the lower-case hex of its hash. Upper-case hex is
 * refused, never normalised, because a digest is compared as a string everywhere.
 *
 * @param algorithm how the content was hashed
 * @param hex exactly {@link DigestAlgorithm#hexLength()} characters of {@code [0-9a-f]}
 */
public record Digest(DigestAlgorithm algorithm, String hex)
    implements Reference, Comparable<Digest> {

  public Digest {
    if (!isHex(hex, algorithm.hexLength())) {
      throw new IllegalArgumentException(
          "a %s digest has %d lower-case hex characters, not \"%s\""
              .formatted(algorithm.identifier(), algorithm.hexLength(), hex));
    }
  }

  /**
   * Parses {@code algorithm:hex}.
   *
   * @throws InvalidReferenceException if the text is not a digest or its algorithm is not supported
   */
  public static Digest parse(String text) {
    return tryParse(text)
        .orElseThrow(() ->
            new InvalidReferenceException(
                OciErrorCode.DIGEST_INVALID,
                "not a digest: \"%s\"; allowed are sha256:<64 lower-case hex> and sha512:<128>"
                    .formatted(InvalidReferenceException.excerpt(text))));
  }

  /** Parses {@code algorithm:hex}; empty if the text is not a supported digest. */
  public static Optional<Digest> tryParse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      return Optional.empty();
    }
    return DigestAlgorithm.of(text.substring(0, colon))
        .filter(algorithm -> isHex(text.substring(colon + 1), algorithm.hexLength()))
        .map(algorithm -> new Digest(algorithm, text.substring(colon + 1)));
  }

  /** The digest of what {@code finished} was fed with; resets it. */
  public static Digest of(DigestAlgorithm algorithm, MessageDigest finished) {
    return new Digest(algorithm, HexFormat.of().formatHex(finished.digest()));
  }

  /** The sha256 digest of these bytes. */
  public static Digest ofSha256(byte[] content) {
    return of(DigestAlgorithm.SHA256, content);
  }

  /** The digest of these bytes. */
  public static Digest of(DigestAlgorithm algorithm, byte[] content) {
    var hash = algorithm.newMessageDigest();
    hash.update(content);
    return of(algorithm, hash);
  }

  @Override
  public int compareTo(Digest other) {
    return toString().compareTo(other.toString());
  }

  /** {@code algorithm:hex}, as on the wire. */
  @Override
  public String toString() {
    return algorithm.identifier() + ':' + hex;
  }

  private static boolean isHex(String text, int length) {
    if (text.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
        return false;
      }
    }
    return true;
  }
}
