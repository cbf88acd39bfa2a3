package io.lighter.conversion.gzip;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** The JDK's zlib. */
final class JdkDecoder extends GzipDecoder {

  private static final int FIXED_HEADER = 10;
  private static final int TRAILER = 8;
  private static final int MAGIC = 0x1f8b08;
  private static final int HEADER_CRC = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;

  private final Inflater inflater = new Inflater(true);
  private final CRC32 crc = new CRC32();
  private final ByteBuffer nothing = ByteBuffer.allocate(1);

  @Override
  public Outcome decode(ByteBuffer packed, ByteBuffer plain) {
    int start = packed.position();
    plain.clear();
    Outcome outcome = Outcome.DAMAGED;
    if (skipHeader(packed)) {
      try {
        outcome = inflate(packed, plain);
      } catch (DataFormatException _) {
        outcome = Outcome.DAMAGED;
      }
    }
    if (outcome != Outcome.DONE) {
      packed.position(start);
    }
    return outcome;
  }

  private Outcome inflate(ByteBuffer packed, ByteBuffer plain) throws DataFormatException {
    inflater.reset();
    inflater.setInput(packed);
    // The end of the stream is seen only by a call that has room for more.
    while (!inflater.finished()) {
      boolean full = !plain.hasRemaining();
      int n = inflater.inflate(full ? nothing.clear() : plain);
      if (n > 0 && full) {
        return Outcome.TOO_LONG;
      }
      if (n == 0 && !inflater.finished()) {
        return Outcome.DAMAGED;
      }
    }
    plain.flip();
    crc.reset();
    crc.update(plain.duplicate());
    if (packed.remaining() < TRAILER) {
      return Outcome.DAMAGED;
    }
    packed.order(ByteOrder.LITTLE_ENDIAN);
    boolean same = packed.getInt() == (int) crc.getValue();
    return packed.getInt() == plain.limit() && same ? Outcome.DONE : Outcome.DAMAGED;
  }

  /** Moves a buffer behind the header of a member, if there is a complete one. */
  private static boolean skipHeader(ByteBuffer packed) {
    if (packed.remaining() < FIXED_HEADER) {
      return false;
    }
    packed.order(ByteOrder.BIG_ENDIAN);
    int start = packed.position();
    int flags = packed.get(start + 3);
    if (packed.getInt(start) >>> 8 != MAGIC) {
      return false;
    }
    int at = start + FIXED_HEADER;
    if ((flags & EXTRA) != 0) {
      if (packed.limit() - at < 2) {
        return false;
      }
      at += 2 + ((packed.get(at) & 0xff) | (packed.get(at + 1) & 0xff) << 8);
    }
    at = (flags & NAME) == 0 ? at : behindText(packed, at);
    at = (flags & COMMENT) == 0 ? at : behindText(packed, at);
    at += (flags & HEADER_CRC) == 0 ? 0 : 2;
    if (at > packed.limit()) {
      return false;
    }
    packed.position(at);
    return true;
  }

  private static int behindText(ByteBuffer bytes, int start) {
    int at = start;
    while (at < bytes.limit() && bytes.get(at) != 0) {
      at++;
    }
    return at + 1;
  }

  @Override
  public void close() {
    inflater.end();
  }
}
