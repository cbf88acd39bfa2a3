package io.lighter.oci;

/** What follows {@code manifests/} in a path: a tag or a digest. */
public sealed interface Reference permits Digest, Tag {

  /**
   * Parses a reference: with a colon it is a digest, otherwise a tag.
   *
   * @throws InvalidReferenceException if it is neither
   */
  static Reference parse(String text) {
    return text.indexOf(':') >= 0 ? Digest.parse(text) : Tag.parse(text);
  }
}
