package io.lighter.server.http;

import io.lighter.oci.Digest;
import java.util.function.Predicate;

/**
 * Entity tags are digests in quotes: strong, because equal digests mean equal bytes (RFC 9110,
 * section 8.8.3). Pure.
 */
final class EntityTags {
  private EntityTags() {}

  /** The entity tag of content. */
  static String of(Digest digest) {
    return '"' + digest.toString() + '"';
  }

  /**
   * Whether an {@code If-None-Match} list names the content (RFC 9110, section 13.1.2: weak
   * comparison); {@code *} names everything that exists.
   */
  static boolean anyWeak(String list, Digest digest) {
    return any(list, tag -> named(tag.startsWith("W/") ? tag.substring(2) : tag, digest));
  }

  /**
   * Whether an {@code If-Match} list names the content (RFC 9110, section 13.1.1: strong
   * comparison); {@code *} names everything that exists.
   */
  static boolean anyStrong(String list, Digest digest) {
    return any(list, tag -> named(tag, digest));
  }

  private static boolean any(String list, Predicate<String> names) {
    for (String element : list.split(",", -1)) {
      String tag = element.strip();
      if (tag.equals("*") || names.test(tag)) {
        return true;
      }
    }
    return false;
  }

  /** Quotes are required by the RFC and forgotten by clients; a digest needs none to be clear. */
  private static boolean named(String tag, Digest digest) {
    return tag.equals(of(digest)) || tag.equals(digest.toString());
  }
}
