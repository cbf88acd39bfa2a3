package io.lighter.conformance;

import java.math.BigInteger;
import java.util.Optional;

/**
 * What one byte range means, written as plainly as RFC 9110 section 14.1.2 says it and with numbers
 * of any size.
 *
 * @param first first byte
 * @param last last byte, inclusive
 */
record RangeModel(int first, int last) {

  /** The bytes that {@code first-last} means; empty if none. */
  static Optional<RangeModel> closed(BigInteger first, BigInteger last, int size) {
    var lastByte = BigInteger.valueOf(size - 1);
    return first.compareTo(last) > 0 || first.compareTo(lastByte) > 0
        ? Optional.empty()
        : Optional.of(new RangeModel(first.intValueExact(), last.min(lastByte).intValueExact()));
  }

  /** The bytes that {@code first-} means; empty if none. */
  static Optional<RangeModel> open(BigInteger first, int size) {
    return closed(first, first.max(BigInteger.valueOf(size)), size);
  }

  /** The bytes that {@code -count} means; empty if none. */
  static Optional<RangeModel> suffix(BigInteger count, int size) {
    if (count.signum() == 0) {
      return Optional.empty();
    }
    int length = count.min(BigInteger.valueOf(size)).intValueExact();
    return Optional.of(new RangeModel(size - length, size - 1));
  }

  int length() {
    return last - first + 1;
  }

  String contentRange(int size) {
    return "bytes " + first + '-' + last + '/' + size;
  }
}
