package io.lighter.server.http;

/** One element of a {@code Range} header, against the size of a blob. Pure. */
sealed interface RangeSpec {

  /** Not a range. */
  record Malformed() implements RangeSpec {}

  /** A range of which the blob has no byte. */
  record Beyond() implements RangeSpec {}

  /** The bytes that the blob has of it. */
  record Within(ByteRange range) implements RangeSpec {}

  /**
   * Parses {@code a-b}, {@code a-} or {@code -n}. {@code 500-0} counts as unsatisfiable and not as
   * malformed: the conformance suite expects 416 for it.
   */
  static RangeSpec parse(String spec, long size) {
    int dash = spec.indexOf('-');
    if (dash < 0) {
      return new Malformed();
    }
    String left = spec.substring(0, dash).strip();
    String right = spec.substring(dash + 1).strip();
    if (left.isEmpty()) {
      return isNumber(right) ? suffix(number(right), size) : new Malformed();
    }
    if (!isNumber(left) || !(right.isEmpty() || isNumber(right))) {
      return new Malformed();
    }
    long first = number(left);
    long last = right.isEmpty() ? Long.MAX_VALUE : number(right);
    return first >= size || last < first
        ? new Beyond()
        : new Within(new ByteRange(first, Math.min(last, size - 1)));
  }

  private static RangeSpec suffix(long length, long size) {
    return length == 0 || size == 0
        ? new Beyond()
        : new Within(new ByteRange(Math.max(0, size - length), size - 1));
  }

  private static boolean isNumber(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return !text.isEmpty();
  }

  /** Numbers beyond what a file can be long are all the same: behind the end. */
  private static long number(String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }
}
