package io.lighter.server.http;

import io.lighter.oci.OciErrorCode;
import io.lighter.server.limit.Pace;
import io.lighter.server.limit.Requester;
import io.lighter.storage.BlobWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** Takes bodies into uploads, as far as a blob may be long. Thread-safe and blocking. */
final class BlobReceiver {
  /** A push that finds no place waits a moment: most clients take a refusal for the end. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final long maxBytes;
  private final Traffic traffic;

  /**
   * A receiver.
   *
   * @param maxBytes most bytes that a blob may have
   * @param traffic how many bodies come at once, and how fast
   */
  BlobReceiver(long maxBytes, Traffic traffic) {
    this.maxBytes = maxBytes;
    this.traffic = traffic;
  }

  /**
   * Appends the body of a request to an upload. One that is refused is taken back, if it was read
   * at all; what the upload had before stays.
   *
   * @param announced length that the client said the body has
   * @throws ProtocolException if the blob would be too long, or the body has another length
   * @throws io.lighter.storage.StorageException.OutOfSpace if the disk has no room for it; nothing
   *     of a body whose length the client said was read then
   */
  void receive(RegistryRequest request, BlobWriter writer, OptionalLong announced) {
    long start = writer.size();
    long room = maxBytes - start;
    OptionalLong expected = announced.isPresent() ? announced : contentLength(request);
    if (expected.orElse(0) > room) {
      throw tooLong(start);
    }
    expected.ifPresent(writer::expect);
    long limit = Math.min(announced.orElse(Long.MAX_VALUE), room);
    long received = receive(request.body(), writer, limit, expected);
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

  private long receive(RequestBody body, BlobWriter writer, long limit, OptionalLong expected) {
    Optional<Requester> requester = Requester.current();
    try (var _ = traffic.uploads().take(requester, PATIENCE)) {
      return append(body, writer, limit, expected, requester.map(traffic::pace).orElse(Pace.FREE));
    }
  }

  /**
   * Appends a body to an upload, as far as the limit.
   *
   * @return how long the body is; a number beyond the limit if it is longer
   */
  private static long append(
      RequestBody body, BlobWriter writer, long limit, OptionalLong expected, Pace pace) {
    var next = body.next();
    var blob = new AlignedAppender(writer, collected(body, expected));
    long received = 0;
    try {
      for (; next.isPresent() && received <= limit; next = body.next()) {
        received += next.get().length();
        if (received <= limit) {
          blob.append(next.get());
        }
        Waiting.nanos(pace.sent(next.get().length()));
      }
    } catch (ClientGoneException | ProtocolException e) {
      // A client that comes back goes on behind the last byte that came.
      blob.flush();
      throw e;
    }
    blob.flush();
    return received;
  }

  /** How much is collected before it is written: nothing, if memory is scarce. */
  private static int collected(RequestBody body, OptionalLong expected) {
    return body.mayCollect()
        ? (int) Math.min(expected.orElse(Long.MAX_VALUE), AlignedAppender.PIECE)
        : 0;
  }

  /** How long the client says that its body is. */
  static OptionalLong contentLength(RegistryRequest request) {
    return request
        .header("Content-Length")
        .map(length -> OptionalLong.of(Long.parseLong(length)))
        .orElse(OptionalLong.empty());
  }

  private ProtocolException tooLong(long start) {
    return ProtocolException.of(
        OciErrorCode.SIZE_INVALID,
        413,
        "a blob has at most %d bytes here; the upload has %d, and nothing of this request was kept"
            .formatted(maxBytes, start));
  }
}
