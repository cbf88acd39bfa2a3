package io.lighter.bench.load;

/**
 * Some bytes of a blob.
 *
 * @param first position of the first one
 * @param length how many, at least 1
 */
public record ByteRange(long first, long length) {
  public ByteRange {
    if (first < 0 || length < 1) {
      throw new IllegalArgumentException("no range: %d bytes from %d".formatted(length, first));
    }
  }

  /** Position of the last one. */
  public long last() {
    return first + length - 1;
  }

  /** {@code first-last}, as in a Range header. */
  @Override
  public String toString() {
    return first + "-" + last();
  }
}
