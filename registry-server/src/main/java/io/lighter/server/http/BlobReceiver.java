package io.lighter.server.http;

import io.lighter.oci.OciErrorCode;
import io.lighter.storage.BlobWriter;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/** Takes bodies into uploads, as far as a blob may be long. Thread-safe and blocking. */
final class BlobReceiver {
  private final long maxBytes;

  /**
   * A receiver.
   *
   * @param maxBytes most bytes that a blob may have
   */
  BlobReceiver(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * Appends the body of a request to an upload. One that is refused is taken back, if it was read
   * at all; what the upload had before stays.
   *
   * @param announced length that the client said the body has
   * @throws ProtocolException if the blob would be too long, or the body has another length
   */
  void receive(RegistryRequest request, BlobWriter writer, OptionalLong announced) {
    long start = writer.size();
    long room = maxBytes - start;
    if (announced.orElseGet(() -> contentLength(request)) > room) {
      throw tooLong(start);
    }
    long limit = Math.min(announced.orElse(Long.MAX_VALUE), room);
    long received = 0;
    for (var next = request.body().next();
        next.isPresent() && received <= limit;
        next = request.body().next()) {
      received += next.get().length();
      if (received <= limit) {
        writer.append(ByteBuffer.wrap(next.get().getBytes()));
      }
    }
    if (received > limit && announced.isEmpty()) {
      writer.cutBack(start);
      throw tooLong(start);
    }
    if (announced.isPresent() && received != limit) {
      writer.cutBack(start);
      throw ProtocolException.of(
          OciErrorCode.SIZE_INVALID,
          "Content-Range names %d bytes, the body has %s; nothing of it was kept"
              .formatted(limit, received < limit ? Long.toString(received) : "more"));
    }
  }

  private static long contentLength(RegistryRequest request) {
    return request.header("Content-Length").map(Long::parseLong).orElse(0L);
  }

  private ProtocolException tooLong(long start) {
    return ProtocolException.of(
        OciErrorCode.SIZE_INVALID,
        413,
        "a blob has at most %d bytes here; the upload has %d, and nothing of this request was kept"
            .formatted(maxBytes, start));
  }
}
