package io.lighter.server.http;

import io.lighter.oci.OciErrorCode;
import io.lighter.storage.BlobSource;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Optional;

/**
 * The answers to a GET or HEAD of a blob or manifest, with conditions and ranges (RFC 9110,
 * sections 13 and 14), the same ones whether its bytes are hot, on disk or still arriving. Pure,
 * except that an answer takes over the source it is given.
 */
final class ContentAnswers {
  private ContentAnswers() {}

  /** Answers a HEAD from what is known about the content. */
  static Answer head(Representation content, long size, MultiMap headers) {
    return notModified(content, headers)
        .orElseGet(() -> described(200, content).body(new Answer.Body.Head(size)));
  }

  /** Answers a GET out of an open source, which the answer owns from here on. */
  static Answer get(Representation content, BlobSource source, MultiMap headers) {
    Answer answer = null;
    try {
      answer = notModified(content, headers).orElseGet(() -> ranged(content, source, headers));
      return answer;
    } finally {
      if (answer == null || answer.body() instanceof Answer.Body.None) {
        source.close();
      }
    }
  }

  private static Answer ranged(Representation content, BlobSource source, MultiMap headers) {
    long size = source.size();
    return switch (requested(content, size, headers)) {
      case RangeHeader.Whole _ ->
          described(200, content).body(new Answer.Body.Slice(source, 0, size));
      case RangeHeader.Satisfiable(List<ByteRange> ranges) when ranges.size() == 1 -> {
        ByteRange range = ranges.getFirst();
        yield described(206, content)
            .with("Content-Range", range.contentRange(size))
            .body(new Answer.Body.Slice(source, range.first(), range.length()));
      }
      case RangeHeader.Satisfiable(List<ByteRange> ranges) -> {
        var multipart = new MultipartRanges(ranges, size, content.mediaType());
        yield common(206, content)
            .with("Content-Type", MultipartRanges.contentType())
            .body(new Answer.Body.Multipart(source, multipart));
      }
      case RangeHeader.Unsatisfiable _ ->
          described(416, content).with("Content-Range", "bytes */" + size);
      case RangeHeader.TooMany(int count) ->
          throw ProtocolException.of(
              OciErrorCode.RANGE_INVALID,
              400,
              "%d ranges in one request; allowed are %d".formatted(count, RangeHeader.MAX_RANGES));
    };
  }

  private static RangeHeader requested(Representation content, long size, MultiMap headers) {
    String range = headers.get("Range");
    String ifRange = headers.get("If-Range");
    return range == null
            || (ifRange != null && !EntityTags.of(content.digest()).equals(ifRange.strip()))
        ? new RangeHeader.Whole()
        : RangeHeader.parse(range, size);
  }

  private static Optional<Answer> notModified(Representation content, MultiMap headers) {
    String ifNoneMatch = headers.get("If-None-Match");
    return ifNoneMatch != null && EntityTags.anyWeak(ifNoneMatch, content.digest())
        ? Optional.of(common(304, content))
        : Optional.empty();
  }

  private static Answer described(int status, Representation content) {
    return new Answer(status, content.describedHeaders(), new Answer.Body.None());
  }

  private static Answer common(int status, Representation content) {
    return new Answer(status, content.headers(), new Answer.Body.None());
  }
}
