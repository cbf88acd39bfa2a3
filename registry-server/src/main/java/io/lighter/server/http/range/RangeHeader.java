package io.lighter.server.http.range;

import java.util.ArrayList;
import java.util.List;

/**
 * What a {@code Range} header asks of a blob (RFC 9110, section 14). Pure.
 *
 * <p>A header that is not understood asks for nothing and is ignored, as the RFC wants. Ranges are
 * kept in the order of the request and never merged: clients count the parts of the answer.
 */
public sealed interface RangeHeader {

  /** More ranges than this are refused with 400, on which clients ask with fewer. */
  int MAX_RANGES = 2048;

  /** No range: the whole blob. */
  record Whole() implements RangeHeader {}

  /** Ranges of which at least one can be answered; those that cannot are left out. */
  record Satisfiable(List<ByteRange> ranges) implements RangeHeader {
    public Satisfiable {
      ranges = List.copyOf(ranges);
    }
  }

  /** Only ranges that begin behind the end. */
  record Unsatisfiable() implements RangeHeader {}

  /** More ranges than {@link #MAX_RANGES}. */
  record TooMany(int count) implements RangeHeader {}

  /**
   * Parses a header against the size of the blob.
   *
   * @param header value of the header
   * @param size length of the blob in bytes
   */
  static RangeHeader parse(String header, long size) {
    int equals = header.indexOf('=');
    if (equals < 0 || !header.substring(0, equals).strip().equalsIgnoreCase("bytes")) {
      return new Whole();
    }
    var ranges = new ArrayList<ByteRange>(4);
    int asked = 0;
    for (int from = equals + 1, comma; from <= header.length(); from = comma + 1) {
      comma = header.indexOf(',', from);
      if (comma < 0) {
        comma = header.length();
      }
      switch (RangeSpec.parse(header, from, comma, size)) {
        case RangeSpec.Nothing _ -> {} // RFC 9110, section 5.6.1.2: empty elements are ignored.
        case RangeSpec.Malformed _ -> {
          return new Whole();
        }
        case RangeSpec.Beyond _ -> asked++;
        case RangeSpec.Within(ByteRange range) -> {
          asked++;
          ranges.add(range);
        }
      }
    }
    if (asked == 0) {
      return new Whole();
    }
    if (asked > MAX_RANGES) {
      return new TooMany(asked);
    }
    return ranges.isEmpty() ? new Unsatisfiable() : new Satisfiable(ranges);
  }
}
