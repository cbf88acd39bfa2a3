package io.lighter.server.http.range;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.List;

/**
 * The layout of a {@code multipart/byteranges} body (RFC 9110, section 14.6): one part for each
 * range, in the order of the request, its length known before the first byte is read. Pure.
 */
public final class MultipartRanges {

  /** Letters and digits only: containers/image matches the boundary with a narrow pattern. */
  public static final String BOUNDARY = "LighterByteRangesBoundary7c5e2f9a41d8";

  private static final byte[] END = ("\r\n--" + BOUNDARY + "--\r\n").getBytes(US_ASCII);

  private final List<ByteRange> ranges;
  private final List<byte[]> heads;
  private final long length;

  /**
   * Lays out a body.
   *
   * @param ranges the ranges, at least two
   * @param size length of the whole content
   * @param mediaType type of the content, of which each part is a piece
   */
  public MultipartRanges(List<ByteRange> ranges, long size, String mediaType) {
    this.ranges = List.copyOf(ranges);
    String lines = "--" + BOUNDARY + "\r\nContent-Type: " + mediaType + "\r\nContent-Range: ";
    String separated = "\r\n" + lines;
    var made = new ArrayList<byte[]>(ranges.size());
    long bytes = END.length;
    for (ByteRange range : ranges) {
      String begin = made.isEmpty() ? lines : separated;
      byte[] head = (begin + range.contentRange(size) + "\r\n\r\n").getBytes(US_ASCII);
      made.add(head);
      bytes += head.length + range.length();
    }
    this.heads = made;
    this.length = bytes;
  }

  /** The ranges, in the order of their parts. */
  public List<ByteRange> ranges() {
    return ranges;
  }

  /** Value of the answer's {@code Content-Type}. */
  public static String contentType() {
    return "multipart/byteranges; boundary=" + BOUNDARY;
  }

  /** The lines in front of the bytes of part {@code index}. */
  public byte[] head(int index) {
    return heads.get(index);
  }

  /** The line behind the last part. */
  public byte[] end() {
    return END.clone();
  }

  /** Length of the whole body in bytes. */
  public long length() {
    return length;
  }
}
