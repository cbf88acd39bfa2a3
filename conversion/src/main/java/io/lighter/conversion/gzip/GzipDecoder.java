package io.lighter.conversion.gzip;

import java.nio.ByteBuffer;

/**
 * Uncompresses single gzip members (RFC 1952) that are held as a whole, and compares them with
 * their checksums. One instance serves one thread at a time.
 */
public abstract sealed class GzipDecoder implements AutoCloseable
    permits LibdeflateDecoder, JdkDecoder {

  /** How it went. */
  public enum Outcome {
    /** The member is in the target. */
    DONE,
    /** What is there is no gzip member, or not all of one, or has another checksum. */
    DAMAGED,
    /** The member has more bytes than the target has room for. */
    TOO_LONG
  }

  /**
   * Uncompresses a member.
   *
   * @param packed direct; begins with the member, and is moved behind it if it was uncompressed
   * @param plain direct; takes the bytes from its start, and ends behind them afterwards
   */
  public abstract Outcome decode(ByteBuffer packed, ByteBuffer plain);

  /** Frees what the decoder holds outside the heap. */
  @Override
  public abstract void close();
}
