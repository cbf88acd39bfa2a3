package io.lighter.conversion;

import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The uncompressed bytes of a gzip blob from the first to the last, hashed as they are read, and
 * where its members are. Each member is compared with its checksum. Not thread-safe.
 */
final class MemberScan implements PlainBytes, AutoCloseable {

  private static final int BUFFER = 64 << 10;

  private final ConversionLimits limits;
  private final BlobWindow window;
  private final long size;
  private final MemberMap members;
  private final MessageDigest hash = DigestAlgorithm.SHA256.newMessageDigest();
  private final CRC32 crc = new CRC32();
  private final Inflater inflater = new Inflater(true);
  private boolean inMember;
  private long member;
  private long deflated;
  private long plainLength;
  private long position;

  /**
   * Begins to read a blob.
   *
   * @param size its length in bytes
   */
  MemberScan(BlobView blob, long size, ConversionLimits limits) {
    this.limits = limits;
    this.window = new BlobWindow(blob, size);
    this.size = size;
    this.members = new MemberMap(2 * limits.maxEntries());
  }

  /** The members that were read to their ends. */
  MemberMap members() {
    return members;
  }

  /** Uncompressed bytes read so far. */
  long position() {
    return position;
  }

  /** Digest of the bytes read so far; to be asked once. */
  Digest digest() {
    return Digest.of(DigestAlgorithm.SHA256, hash);
  }

  /**
   * Reads until {@code length} bytes are there or the blob ends.
   *
   * @throws UnconvertibleLayerException if the blob is damaged, or not gzip to its end
   * @throws LayerTooLargeException if it is longer than allowed
   */
  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int done = 0;
    while (done < length && (inMember || begin())) {
      done += inflate(target, offset + done, length - done);
    }
    hash.update(target, offset, done);
    position += done;
    limits.check(position, inMember ? deflated + inflater.getBytesRead() : member);
    return done;
  }

  /** Reads what is left. */
  void drain() throws IOException {
    var buffer = new byte[BUFFER];
    int n = buffer.length;
    while (n == buffer.length) {
      n = read(buffer, 0, buffer.length);
    }
  }

  /** Begins the next member, if there is one. */
  private boolean begin() throws IOException {
    if (member == size) {
      return false;
    }
    int start = window.at(member, GzipFrame.MAX_HEADER);
    deflated = member + GzipFrame.headerLength(window.bytes(), start, window.end());
    inflater.reset();
    crc.reset();
    plainLength = 0;
    inMember = true;
    return true;
  }

  private int inflate(byte[] target, int offset, int length) throws IOException {
    if (inflater.needsInput()) {
      int from = window.at(deflated + inflater.getBytesRead(), 1);
      if (from == window.end()) {
        throw new UnconvertibleLayerException(
            "the compressed layer is damaged: it ends within a gzip member");
      }
      inflater.setInput(window.bytes(), from, window.end() - from);
    }
    int n;
    try {
      n = inflater.inflate(target, offset, length);
    } catch (DataFormatException e) {
      throw new UnconvertibleLayerException(
          "the compressed layer is damaged: " + e.getMessage(), e);
    }
    if (n == 0 && inflater.needsDictionary()) {
      throw new UnconvertibleLayerException(
          "the compressed layer is damaged: a gzip member wants a dictionary");
    }
    crc.update(target, offset, n);
    plainLength += n;
    if (inflater.finished()) {
      end();
    }
    return n;
  }

  private void end() throws IOException {
    var trailer = new byte[GzipFrame.TRAILER_LENGTH];
    long end = deflated + inflater.getBytesRead();
    window.read(end, trailer, 0, trailer.length);
    GzipFrame.check(trailer, 0, crc, plainLength);
    members.add(member, end + trailer.length - member, plainLength);
    member = end + trailer.length;
    inMember = false;
  }

  @Override
  public void close() {
    inflater.end();
  }
}
