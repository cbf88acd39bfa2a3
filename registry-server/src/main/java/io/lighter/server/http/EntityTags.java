package io.lighter.server.http;

import io.lighter.oci.Digest;

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
   * Whether an {@code If-None-Match} or {@code If-Match} list names the content; {@code *} names
   * everything that exists.
   */
  static boolean matches(String list, Digest digest) {
    for (String element : list.split(",", -1)) {
      String tag = element.strip();
      if (tag.equals("*") || unquoted(tag).equals(digest.toString())) {
        return true;
      }
    }
    return false;
  }

  private static String unquoted(String tag) {
    String strong = tag.startsWith("W/") ? tag.substring(2) : tag;
    return strong.length() >= 2 && strong.startsWith("\"") && strong.endsWith("\"")
        ? strong.substring(1, strong.length() - 1)
        : strong;
  }
}
