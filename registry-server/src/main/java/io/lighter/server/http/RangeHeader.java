package io.lighter.server.http;

import java.util.ArrayList;
import java.util.List;

/**
 * What a {@code Range} header asks of a blob (RFC 9110, section 14). Pure.
 *
 * <p>A header that is not understood asks for nothing and is ignored, as the RFC wants. Ranges are
 * kept in the order of the request and never merged: clients count the parts of the answer.
 */
sealed interface RangeHeader {

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
    String value = header.strip();
    if (!value.regionMatches(true, 0, "bytes", 0, 5)) {
      return new Whole();
    }
    String afterUnit = value.substring(5).stripLeading();
    if (!afterUnit.startsWith("=")) {
      return new Whole();
    }
    String[] specs = afterUnit.substring(1).split(",", -1);
    var ranges = new ArrayList<ByteRange>(Math.min(specs.length, MAX_RANGES));
    int asked = 0;
    for (String untrimmed : specs) {
      String spec = untrimmed.strip();
      if (spec.isEmpty()) {
        continue; // RFC 9110, section 5.6.1.2: empty list elements are ignored.
      }
      asked++;
      switch (RangeSpec.parse(spec, size)) {
        case RangeSpec.Malformed _ -> {
          return new Whole();
        }
        case RangeSpec.Beyond _ -> {}
        case RangeSpec.Within within -> ranges.add(within.range());
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
