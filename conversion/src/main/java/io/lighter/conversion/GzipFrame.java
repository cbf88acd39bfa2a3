package io.lighter.conversion;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/** What stands around the deflate stream of a gzip member (RFC 1952, section 2.3). */
final class GzipFrame {

  static final int TRAILER_LENGTH = 8;

  /** Longest header that is understood; those of layers have ten bytes. */
  static final int MAX_HEADER = 4096;

  private static final int FIXED = 10;
  private static final int HEADER_CRC = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;

  private GzipFrame() {}

  /**
   * Length of a header.
   *
   * @param end index behind what is there of the member
   * @throws UnconvertibleLayerException if there is no complete header
   */
  static int headerLength(byte[] bytes, int start, int end) {
    if (end - start < FIXED
        || bytes[start] != 0x1f
        || bytes[start + 1] != (byte) 0x8b
        || bytes[start + 2] != 8) {
      throw new UnconvertibleLayerException("the compressed layer is damaged: no gzip member");
    }
    int flags = bytes[start + 3];
    int at = start + FIXED;
    if ((flags & EXTRA) != 0 && end - at >= 2) {
      at += 2 + ((bytes[at] & 0xff) | (bytes[at + 1] & 0xff) << 8);
    }
    at = (flags & NAME) == 0 ? at : behindText(bytes, at, end);
    at = (flags & COMMENT) == 0 ? at : behindText(bytes, at, end);
    at += (flags & HEADER_CRC) == 0 ? 0 : 2;
    if (at > end) {
      throw new UnconvertibleLayerException(
          "the compressed layer is damaged, or the header of a gzip member has more than %d bytes"
              .formatted(MAX_HEADER));
    }
    return at - start;
  }

  private static int behindText(byte[] bytes, int start, int end) {
    int at = start;
    while (at < end && bytes[at] != 0) {
      at++;
    }
    return at + 1;
  }

  /**
   * Compares what a member uncompressed to with what its trailer says.
   *
   * @throws UnconvertibleLayerException if it is something else
   */
  static void check(byte[] bytes, int trailer, CRC32 crc, long plainLength) {
    ByteBuffer said =
        ByteBuffer.wrap(bytes, trailer, TRAILER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    if (said.getInt() != (int) crc.getValue() || said.getInt() != (int) plainLength) {
      throw new UnconvertibleLayerException(
          "the compressed layer is damaged: the checksum of a gzip member is wrong");
    }
  }
}
