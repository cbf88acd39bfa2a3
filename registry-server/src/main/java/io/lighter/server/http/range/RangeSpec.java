package io.lighter.server.http.range;

/** One element of a {@code Range} header, against the size of a blob. Pure. */
sealed interface RangeSpec {

  /** Blanks. */
  record Nothing() implements RangeSpec {}

  /** Not a range. */
  record Malformed() implements RangeSpec {}

  /** A range of which the blob has no byte. */
  record Beyond() implements RangeSpec {}

  /** The bytes that the blob has of it. */
  record Within(ByteRange range) implements RangeSpec {}

  /**
   * Parses {@code a-b}, {@code a-} or {@code -n}. {@code 500-0} counts as unsatisfiable and not as
   * malformed: the conformance suite expects 416 for it.
   *
   * @param from where the element begins in the text
   * @param to where it ends
   */
  static RangeSpec parse(String text, int from, int to, long size) {
    int dash = text.indexOf('-', from, to);
    if (dash < 0) {
      return Digits.skipBlanks(text, from, to) == to ? new Nothing() : new Malformed();
    }
    long first = Digits.value(text, from, dash);
    long last = Digits.value(text, dash + 1, to);
    if (first == Digits.OTHER
        || last == Digits.OTHER
        || (first == Digits.NONE && last == Digits.NONE)) {
      return new Malformed();
    }
    if (first == Digits.NONE) {
      return suffix(last, size);
    }
    long end = last == Digits.NONE ? Long.MAX_VALUE : last;
    return first >= size || end < first
        ? new Beyond()
        : new Within(new ByteRange(first, Math.min(end, size - 1)));
  }

  private static RangeSpec suffix(long length, long size) {
    return length == 0 || size == 0
        ? new Beyond()
        : new Within(new ByteRange(Math.max(0, size - length), size - 1));
  }
}
