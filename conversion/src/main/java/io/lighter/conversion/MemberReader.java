package io.lighter.conversion;

import io.lighter.conversion.gzip.GzipDecoder;
import io.lighter.conversion.gzip.GzipEncoder;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The uncompressed bytes of a blob, from the first or from any that was read before. They come from
 * one gzip member at a time, which is held as a whole and compared with its checksum before the
 * first of its bytes is given. Not thread-safe.
 */
final class MemberReader implements PlainBytes, AutoCloseable {

  /** Headers of more than ten bytes are rare, and longer ones than this are none. */
  private static final int FRAME = 4096;

  /** With as much of a member as this it is tried whether that is all. */
  private static final int OFTEN_ENOUGH = 64 << 10;

  private final BlobView blob;
  private final long end;
  private final MemberMap members;
  private final GzipDecoder decoder;
  private final ConversionLimits limits;
  private final int mostPacked;
  private final Arena arena = Arena.ofShared();
  private final ByteBuffer window;
  private final ByteBuffer plain;
  private long windowStart;
  private int filled;
  private int current = -1;
  private long position;

  /**
   * A reader at the first byte.
   *
   * @param end where in the blob to stop
   * @param members what is known of its members, all from the first on; those found are added
   * @param mostPlain longest member that is read
   */
  MemberReader(
      BlobView blob,
      long end,
      MemberMap members,
      GzipDecoder decoder,
      int mostPlain,
      ConversionLimits limits) {
    this.blob = blob;
    this.end = end;
    this.members = members;
    this.decoder = decoder;
    this.limits = limits;
    this.mostPacked = mostPacked(mostPlain);
    // A direct buffer would stay until a garbage collection finds it.
    this.window = arena.allocate(windowSize(mostPlain)).asByteBuffer();
    this.plain = arena.allocate(mostPlain).asByteBuffer();
  }

  /** Bytes of memory that a reader holds. */
  static long memoryBound(int mostPlain) {
    return (long) windowSize(mostPlain) + mostPlain;
  }

  private static int mostPacked(int mostPlain) {
    return FRAME + GzipEncoder.bound(mostPlain);
  }

  private static int windowSize(int mostPlain) {
    return mostPacked(mostPlain) + (mostPlain >> 1);
  }

  /** Position of the byte that is read next. */
  long position() {
    return position;
  }

  /** Goes on somewhere else. */
  void seek(long newPosition) {
    position = newPosition;
  }

  /** Goes on behind some bytes; behind the last there is nothing to read. */
  void skip(long length) {
    position = length > Long.MAX_VALUE - position ? Long.MAX_VALUE : position + length;
  }

  /**
   * Reads until {@code length} bytes are there or the members end.
   *
   * @throws UnconvertibleLayerException if a member is damaged
   * @throws LayerTooLargeException if a member, or all that was read, is longer than allowed
   */
  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int done = 0;
    while (done < length && load()) {
      int from = (int) (position - members.plainStart(current));
      int n = Math.min(length - done, plain.limit() - from);
      plain.get(from, target, offset + done, n);
      position += n;
      done += n;
    }
    return done;
  }

  /** The member that was read last, if its bytes begin at this position. */
  Optional<PackedMember> lastRead(long start) {
    if (current < 0 || members.plainStart(current) != start) {
      return Optional.empty();
    }
    var bytes = new byte[members.length(current)];
    window.get((int) (members.position(current) - windowStart), bytes);
    return Optional.of(new PackedMember(start, plain.limit(), bytes));
  }

  /** Has the member that holds the position; false if there is none. */
  private boolean load() throws IOException {
    while (position >= members.plainEnd()) {
      if (members.end() == end) {
        return false;
      }
      find();
    }
    int wanted = members.at(position);
    if (wanted != current) {
      decode(members.position(wanted), members.length(wanted));
      current = wanted;
    }
    return true;
  }

  /** Reads the first member that is not known. */
  private void find() throws IOException {
    long start = members.end();
    int before = members.count();
    members.add(decode(start, 0), plain.limit());
    limits.check(members.plainEnd(), members.end());
    current = members.count() > before ? before : -1;
  }

  /**
   * Uncompresses a member.
   *
   * @param known its length, 0 if that is not known
   * @return its length
   */
  private int decode(long start, int known) throws IOException {
    current = -1;
    have(start, known == 0 ? OFTEN_ENOUGH : known);
    GzipDecoder.Outcome outcome = decodeWindow(start, known);
    if (outcome == GzipDecoder.Outcome.DAMAGED && known == 0 && !has(start, mostPacked)) {
      have(start, mostPacked);
      outcome = decodeWindow(start, known);
    }
    return switch (outcome) {
      case DONE -> (int) (windowStart + window.position() - start);
      case DAMAGED ->
          throw new UnconvertibleLayerException(
              "the compressed layer is damaged: no whole gzip member begins at byte " + start);
      case TOO_LONG ->
          throw new LayerTooLargeException(
              "the layer has a gzip member of more than %d uncompressed bytes; allowed are as many"
                  .formatted(plain.capacity()));
    };
  }

  private GzipDecoder.Outcome decodeWindow(long start, int known) {
    int from = (int) (start - windowStart);
    window.limit(known == 0 ? filled : from + known).position(from);
    GzipDecoder.Outcome outcome = decoder.decode(window, plain);
    boolean changed = known != 0 && window.hasRemaining();
    return outcome == GzipDecoder.Outcome.DONE && changed ? GzipDecoder.Outcome.DAMAGED : outcome;
  }

  /** Has this many bytes in the window, or all that there are. */
  private void have(long start, int least) throws IOException {
    if (has(start, least)) {
      return;
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("the conversion was interrupted");
    }
    windowStart = start;
    filled = 0;
    window.clear().limit((int) Math.min(window.capacity(), end - start));
    while (window.hasRemaining()) {
      if (blob.read(start + window.position(), window) < 0) {
        throw new EOFException("the blob ends before byte " + end);
      }
    }
    filled = window.limit();
  }

  private boolean has(long start, int least) {
    return start >= windowStart && Math.min(start + least, end) <= windowStart + filled;
  }

  @Override
  public void close() {
    decoder.close();
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
