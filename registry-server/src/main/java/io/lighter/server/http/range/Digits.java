package io.lighter.server.http.range;

/**
 * A number in a part of a text, perhaps between blanks, read where it stands: of a hot request the
 * pieces would be half of what is allocated. Pure.
 */
final class Digits {
  /** There are only blanks. */
  static final long NONE = -1;

  /** There is something that is no digit. */
  static final long OTHER = -2;

  private Digits() {}

  /**
   * The value of the digits from one place to another, or {@link #NONE}, or {@link #OTHER}. What is
   * larger than any file is long is {@link Long#MAX_VALUE}.
   */
  static long value(String text, int from, int to) {
    int at = skipBlanks(text, from, to);
    if (at == to) {
      return NONE;
    }
    long value = 0;
    int begin = at;
    for (; at < to && text.charAt(at) >= '0' && text.charAt(at) <= '9'; at++) {
      int digit = text.charAt(at) - '0';
      value = value > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : 10 * value + digit;
    }
    return at == begin || skipBlanks(text, at, to) < to ? OTHER : value;
  }

  /** The first place from one on at which there is no blank, or the end. */
  static int skipBlanks(String text, int from, int to) {
    int at = from;
    while (at < to && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at;
  }
}
