package io.lighter.server.http;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The layout of a {@code multipart/byteranges} body (RFC 9110, section 14.6): one part for each
 * range, in the order of the request, its length known before the first byte is read. Pure.
 *
 * @param ranges the ranges, at least two
 * @param size length of the whole content
 * @param mediaType type of the content, of which each part is a piece
 */
record MultipartRanges(List<ByteRange> ranges, long size, String mediaType) {

  /** Letters and digits only: containers/image matches the boundary with a narrow pattern. */
  static final String BOUNDARY = "LighterByteRangesBoundary7c5e2f9a41d8";

  private static final byte[] END =
      ("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.US_ASCII);

  MultipartRanges {
    ranges = List.copyOf(ranges);
  }

  /** Value of the answer's {@code Content-Type}. */
  static String contentType() {
    return "multipart/byteranges; boundary=" + BOUNDARY;
  }

  /** The lines in front of the bytes of part {@code index}. */
  byte[] head(int index) {
    return ((index == 0 ? "--" : "\r\n--")
            + BOUNDARY
            + "\r\nContent-Type: "
            + mediaType
            + "\r\nContent-Range: "
            + ranges.get(index).contentRange(size)
            + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** The line behind the last part. */
  byte[] end() {
    return END.clone();
  }

  /** Length of the whole body in bytes. */
  long length() {
    long length = END.length;
    for (int i = 0; i < ranges.size(); i++) {
      length += head(i).length + ranges.get(i).length();
    }
    return length;
  }
}
