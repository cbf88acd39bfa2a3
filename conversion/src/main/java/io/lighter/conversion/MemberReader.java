package io.lighter.conversion;

import java.io.IOException;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * The uncompressed bytes of a blob from any position on, member by member. Each member is held as a
 * whole while it is read, and compared with its checksum before. Not thread-safe.
 */
final class MemberReader implements PlainBytes, AutoCloseable {

  private final BlobWindow window;
  private final MemberMap members;
  private final int mostPlain;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 crc = new CRC32();
  private final byte[] nothing = new byte[1];
  private byte[] plain = new byte[64 << 10];
  private @Nullable PackedMember current;
  private long position;

  /**
   * A reader at the first byte.
   *
   * @param members all members of the blob
   * @param mostPlain longest member that is read
   */
  MemberReader(BlobView blob, long size, MemberMap members, int mostPlain) {
    this.window = new BlobWindow(blob, size);
    this.members = members;
    this.mostPlain = mostPlain;
  }

  /** Position of the byte that is read next. */
  long position() {
    return position;
  }

  /** Goes on somewhere else. */
  void seek(long newPosition) {
    position = newPosition;
  }

  /**
   * Reads until {@code length} bytes are there or the blob ends.
   *
   * @throws UnconvertibleLayerException if a member is damaged
   * @throws LayerTooLargeException if a member is longer than allowed
   */
  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int done = 0;
    while (done < length && position < members.plainEnd()) {
      PackedMember member = member();
      int from = (int) (position - member.plainStart());
      int n = Math.min(length - done, member.plainLength() - from);
      System.arraycopy(plain, from, target, offset + done, n);
      position += n;
      done += n;
    }
    return done;
  }

  /** The member that was read last, if it begins at this position. */
  Optional<PackedMember> lastRead(long start) {
    return Optional.ofNullable(current).filter(member -> member.plainStart() == start);
  }

  private PackedMember member() throws IOException {
    PackedMember last = current;
    if (last == null
        || position < last.plainStart()
        || position - last.plainStart() >= last.plainLength()) {
      last = load(members.at(position));
      current = last;
    }
    return last;
  }

  private PackedMember load(int number) throws IOException {
    long plainLength = members.plainLength(number);
    int length = members.length(number);
    if (plainLength > mostPlain || length > GzipFrame.MAX_HEADER + GzipEncoder.bound(mostPlain)) {
      throw new LayerTooLargeException(
          "the layer has a gzip member of %d bytes, %d uncompressed; allowed are %d uncompressed"
              .formatted(length, plainLength, mostPlain));
    }
    var packed = new byte[length];
    window.read(members.position(number), packed, 0, length);
    if (plain.length < plainLength) {
      plain = new byte[(int) Math.min(mostPlain, 2 * plainLength)];
    }
    inflate(packed, (int) plainLength);
    return new PackedMember(members.plainStart(number), (int) plainLength, packed);
  }

  private void inflate(byte[] packed, int plainLength) {
    int start = GzipFrame.headerLength(packed, 0, packed.length);
    int trailer = packed.length - GzipFrame.TRAILER_LENGTH;
    inflater.reset();
    inflater.setInput(packed, start, Math.max(0, trailer - start));
    try {
      for (int done = 0; done < plainLength; ) {
        int n = inflater.inflate(plain, done, plainLength - done);
        if (n == 0) {
          throw changed();
        }
        done += n;
      }
      if (inflater.inflate(nothing) > 0 || !inflater.finished() || inflater.getRemaining() > 0) {
        throw changed();
      }
    } catch (DataFormatException e) {
      throw new UnconvertibleLayerException(
          "the compressed layer is damaged: " + e.getMessage(), e);
    }
    crc.reset();
    crc.update(plain, 0, plainLength);
    GzipFrame.check(packed, trailer, crc, plainLength);
  }

  private static UnconvertibleLayerException changed() {
    return new UnconvertibleLayerException(
        "the compressed layer is damaged: a gzip member changed while it was read");
  }

  @Override
  public void close() {
    inflater.end();
  }
}
