package io.lighter.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import java.util.Optional;

/** The answer to a request for one range of a blob, or for all of it. */
public final class ContentCheck extends AnswerCheck {
  private final ByteRange wanted;
  private final long blobSize;
  private final boolean partial;
  private final Optional<ReferenceBytes> reference;
  private long received;

  private ContentCheck(
      ByteRange wanted, long blobSize, boolean partial, Optional<ReferenceBytes> reference) {
    this.wanted = wanted;
    this.blobSize = blobSize;
    this.partial = partial;
    this.reference = reference;
  }

  /** A 206 with this range, of a blob of this size. */
  public static ContentCheck range(
      ByteRange wanted, long blobSize, Optional<ReferenceBytes> reference) {
    return new ContentCheck(wanted, blobSize, true, reference);
  }

  /** A 200 with the whole blob. */
  public static ContentCheck whole(long blobSize, Optional<ReferenceBytes> reference) {
    return new ContentCheck(new ByteRange(0, blobSize), blobSize, false, reference);
  }

  @Override
  protected void head(HttpResponse head) {
    requireStatus(head, partial ? 206 : 200);
    if (partial) {
      String expected = "bytes " + wanted + '/' + blobSize;
      String range = head.headers().get(HttpHeaderNames.CONTENT_RANGE);
      if (!expected.equals(range)) {
        fail(FailureKind.CONTENT_RANGE, "\"%s\" instead of \"%s\"".formatted(range, expected));
      }
    }
    // Chunked bodies have none; what arrives is counted anyway.
    String length = head.headers().get(HttpHeaderNames.CONTENT_LENGTH);
    if (length != null && !length.equals(Long.toString(wanted.length()))) {
      fail(
          FailureKind.LENGTH,
          "Content-Length %s instead of %d for %s".formatted(length, wanted.length(), wanted));
    }
  }

  @Override
  protected void body(ByteBuf piece) {
    if (received + piece.readableBytes() > wanted.length()) {
      fail(FailureKind.LENGTH, "more than the %d bytes of %s".formatted(wanted.length(), wanted));
      return;
    }
    if (reference.isPresent()) {
      long at = reference.get().mismatch(wanted.first() + received, piece);
      if (at >= 0) {
        fail(FailureKind.BYTES, "at offset %d of the blob, in range %s".formatted(at, wanted));
      }
    }
    received += piece.readableBytes();
  }

  @Override
  protected void end() {
    if (received != wanted.length()) {
      fail(
          FailureKind.LENGTH,
          "%d bytes instead of %d for %s".formatted(received, wanted.length(), wanted));
    }
  }
}
