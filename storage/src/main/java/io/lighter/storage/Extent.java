package io.lighter.storage;

/**
 * Some bytes of a blob, next to each other.
 *
 * @param first position of the first byte
 * @param end position after the last one; more than {@code first}
 */
public record Extent(long first, long end) {

  public Extent {
    if (first < 0 || end <= first) {
      throw new IllegalArgumentException(
          "an extent begins at 0 or later and ends after its begin, not %d to %d"
              .formatted(first, end));
    }
  }

  /** Number of bytes. */
  public long length() {
    return end - first;
  }
}
