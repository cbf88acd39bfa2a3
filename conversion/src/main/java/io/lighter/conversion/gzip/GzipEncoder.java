package io.lighter.conversion.gzip;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/**
 * Compresses a run of bytes into one gzip member (RFC 1952): no name, time 0, unknown system, so
 * that the bytes depend on nothing but the input and the encoder.
 *
 * <p>One instance serves one thread at a time. Calls take tens of milliseconds for megabytes and
 * belong on platform threads.
 */
public abstract sealed class GzipEncoder implements AutoCloseable
    permits LibdeflateEncoder, JdkEncoder {

  private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};
  private static final int TRAILER_LENGTH = 8;

  private final CRC32 crc = new CRC32();

  /** Most bytes that a member of this many plain bytes takes, whatever they are. */
  public static int bound(int length) {
    return HEADER.length + deflateBound(length) + TRAILER_LENGTH;
  }

  /**
   * Compresses {@code length} bytes of {@code source} into {@code target}.
   *
   * @param target has at least {@link #bound} bytes from {@code position} on
   * @return position behind the member
   */
  public final int encode(byte[] source, int offset, int length, byte[] target, int position) {
    System.arraycopy(HEADER, 0, target, position, HEADER.length);
    int end = position + HEADER.length;
    end += deflate(source, offset, length, target, end);
    crc.reset();
    crc.update(source, offset, length);
    ByteBuffer.wrap(target, end, TRAILER_LENGTH)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt((int) crc.getValue())
        .putInt(length);
    return end + TRAILER_LENGTH;
  }

  /** Frees what the encoder holds outside the heap. */
  @Override
  public abstract void close();

  /** Writes one complete deflate stream and returns its length. */
  abstract int deflate(byte[] source, int offset, int length, byte[] target, int position);

  /** Stored blocks cost 5 bytes each and hold at least 5,000; this leaves room for twice that. */
  static int deflateBound(int length) {
    return Math.addExact(length, length / 256 + 64);
  }
}
