package io.lighter.conversion;

import io.lighter.conversion.gzip.GzipDecoder;
import io.lighter.conversion.gzip.GzipEncoder;
import io.lighter.conversion.gzip.GzipEncoders;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Uncompresses single gzip members of blobs, wherever they stand. The last one is remembered. Takes
 * 9 MiB outside the heap from its first use until it is closed; not thread-safe.
 */
public final class MemberDecoder implements AutoCloseable {

  /** A whole chunk, and what follows it up to the next: its padding and headers. */
  private static final int LONGEST = MemberPipeline.longestMember(LayerConverter.CHUNK_SIZE);

  /** Most members are not longer; for others the rest is read too. */
  private static final int FIRST_READ = 64 << 10;

  private final GzipDecoder decoder;
  private final Arena arena = Arena.ofShared();
  private @Nullable ByteBuffer window;
  private @Nullable ByteBuffer plain;
  private @Nullable BlobView last;
  private long lastPosition;

  /**
   * A decoder.
   *
   * @param library of which to use the decoder
   */
  public MemberDecoder(GzipEncoders library) {
    this.decoder = library.openDecoder();
  }

  /**
   * The uncompressed bytes of a member.
   *
   * @param position where it begins
   * @param end where the blob's last member ends at the latest
   * @return valid until the next call; empty if no whole member of usual length stands there
   * @throws IOException if the blob cannot be read
   */
  public Optional<ByteBuffer> decode(BlobView blob, long position, long end) throws IOException {
    if (window == null || plain == null) {
      window = arena.allocate(GzipEncoder.bound(LONGEST)).asByteBuffer();
      plain = arena.allocate(LONGEST).asByteBuffer();
    }
    if (blob.equals(last) && position == lastPosition) {
      return Optional.of(plain.duplicate());
    }
    last = null;
    if (position < 0 || position >= end) {
      return Optional.empty();
    }
    window.clear();
    GzipDecoder.Outcome outcome =
        decode(blob, position, Math.min(FIRST_READ, end - position), window, plain);
    if (outcome == GzipDecoder.Outcome.DAMAGED && end - position > FIRST_READ) {
      window.clear().position(FIRST_READ);
      outcome = decode(blob, position, end - position, window, plain);
    }
    if (outcome != GzipDecoder.Outcome.DONE) {
      return Optional.empty();
    }
    last = blob;
    lastPosition = position;
    return Optional.of(plain.position(0).duplicate());
  }

  /** Decodes what is in the window when it has this many bytes, or is full. */
  private GzipDecoder.Outcome decode(
      BlobView blob, long position, long length, ByteBuffer packed, ByteBuffer target)
      throws IOException {
    packed.limit((int) Math.min(length, packed.capacity()));
    while (packed.hasRemaining() && blob.read(position + packed.position(), packed) > 0) {}
    return decoder.decode(packed.flip(), target);
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      decoder.close();
      arena.close();
    }
  }
}
