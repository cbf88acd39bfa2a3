package io.lighter.server.http.range;

/**
 * A satisfiable range of a blob: bytes {@code first} to {@code last}, both included.
 *
 * @param first offset of the first byte
 * @param last offset of the last byte, not before the first
 */
public record ByteRange(long first, long last) {

  public ByteRange {
    if (first < 0 || last < first) {
      throw new IllegalArgumentException("not a range: " + first + "-" + last);
    }
  }

  /** How many bytes it has. */
  public long length() {
    return last - first + 1;
  }

  /** As in a {@code Content-Range} header. */
  public String contentRange(long size) {
    return "bytes " + first + '-' + last + '/' + size;
  }
}
