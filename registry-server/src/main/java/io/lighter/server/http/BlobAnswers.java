package io.lighter.server.http;

import io.lighter.oci.Digest;
import io.lighter.oci.MediaTypes;
import io.lighter.oci.OciErrorCode;
import io.lighter.storage.BlobSource;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Optional;

/**
 * The answers to a GET or HEAD of a blob, the same ones whether its bytes are hot, on disk or still
 * arriving. Pure, except that an answer takes over the source it is given.
 */
final class BlobAnswers {
  private BlobAnswers() {}

  /** Answers a HEAD from what is known about the blob. */
  static Answer head(Digest digest, long size, MultiMap headers, Optional<String> namespace) {
    return notModified(digest, headers, namespace)
        .orElseGet(() -> described(200, digest, namespace).body(new Answer.Body.Head(size)));
  }

  /** Answers a GET out of an open source, which the answer owns from here on. */
  static Answer get(
      Digest digest, BlobSource source, MultiMap headers, Optional<String> namespace) {
    Answer answer = null;
    try {
      answer =
          notModified(digest, headers, namespace)
              .orElseGet(() -> ranged(digest, source, headers, namespace));
      return answer;
    } finally {
      if (answer == null || answer.body() instanceof Answer.Body.None) {
        source.close();
      }
    }
  }

  private static Answer ranged(
      Digest digest, BlobSource source, MultiMap headers, Optional<String> namespace) {
    long size = source.size();
    return switch (requested(digest, size, headers)) {
      case RangeHeader.Whole _ ->
          described(200, digest, namespace).body(new Answer.Body.Slice(source, 0, size));
      case RangeHeader.Satisfiable(List<ByteRange> ranges) when ranges.size() == 1 -> {
        ByteRange range = ranges.getFirst();
        yield described(206, digest, namespace)
            .with("Content-Range", range.contentRange(size))
            .body(new Answer.Body.Slice(source, range.first(), range.length()));
      }
      case RangeHeader.Satisfiable(List<ByteRange> ranges) -> {
        var multipart = new MultipartRanges(ranges, size);
        yield common(206, digest, namespace)
            .with("Content-Type", MultipartRanges.contentType())
            .body(new Answer.Body.Multipart(source, multipart));
      }
      case RangeHeader.Unsatisfiable _ ->
          described(416, digest, namespace).with("Content-Range", "bytes */" + size);
      case RangeHeader.TooMany(int count) ->
          throw ProtocolException.of(
              OciErrorCode.RANGE_INVALID,
              400,
              "%d ranges in one request; allowed are %d".formatted(count, RangeHeader.MAX_RANGES));
    };
  }

  private static RangeHeader requested(Digest digest, long size, MultiMap headers) {
    String range = headers.get("Range");
    String ifRange = headers.get("If-Range");
    return range == null || (ifRange != null && !EntityTags.of(digest).equals(ifRange.strip()))
        ? new RangeHeader.Whole()
        : RangeHeader.parse(range, size);
  }

  private static Optional<Answer> notModified(
      Digest digest, MultiMap headers, Optional<String> namespace) {
    String ifNoneMatch = headers.get("If-None-Match");
    return ifNoneMatch != null && EntityTags.matches(ifNoneMatch, digest)
        ? Optional.of(common(304, digest, namespace))
        : Optional.empty();
  }

  private static Answer described(int status, Digest digest, Optional<String> namespace) {
    return common(status, digest, namespace).with("Content-Type", MediaTypes.OCTET_STREAM);
  }

  private static Answer common(int status, Digest digest, Optional<String> namespace) {
    var answer =
        Answer.of(status)
            .with("Docker-Content-Digest", digest.toString())
            .with("ETag", EntityTags.of(digest))
            .with("Accept-Ranges", "bytes")
            .with("Cache-Control", "max-age=31536000, immutable");
    return namespace.map(host -> answer.with("OCI-Namespace", host)).orElse(answer);
  }
}
