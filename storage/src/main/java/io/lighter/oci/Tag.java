package io.lighter.oci;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A mutable name of a manifest within a repository: {@code [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}}.
 *
 * @param value the tag as on the wire; case-sensitive
 */
public record Tag(String value) implements Reference, Comparable<Tag> {

  private static final Pattern GRAMMAR = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");

  public Tag {
    if (!GRAMMAR.matcher(value).matches()) {
      throw new InvalidReferenceException(
          OciErrorCode.NAME_INVALID,
          "not a tag: \"%s\"; allowed are 1 to 128 of letters, digits, \".\", \"_\" and \"-\", not starting with \".\" or \"-\""
              .formatted(InvalidReferenceException.excerpt(value)));
    }
  }

  /**
   * Parses a tag.
   *
   * @throws InvalidReferenceException if the text does not match the grammar
   */
  public static Tag parse(String text) {
    return new Tag(text);
  }

  /** Parses a tag; empty if the text does not match the grammar. */
  public static Optional<Tag> tryParse(String text) {
    return GRAMMAR.matcher(text).matches() ? Optional.of(new Tag(text)) : Optional.empty();
  }

  /**
   * The tag under which clients list a manifest's referrers in registries without the referrers API
   * (OCI Distribution Specification, "Referrers Tag Schema"): the algorithm and the hexadecimal
   * digits, cut to what a tag can hold.
   */
  public static Tag listingReferrersOf(Digest subject) {
    String hex = subject.hex();
    return new Tag(
        subject.algorithm().identifier() + "-" + hex.substring(0, Math.min(64, hex.length())));
  }

  /** Byte-wise, as tag lists are ordered. Tags are ASCII, so that is the order of characters. */
  @Override
  public int compareTo(Tag other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
