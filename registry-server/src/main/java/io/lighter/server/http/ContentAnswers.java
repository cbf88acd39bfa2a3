package io.lighter.server.http;

import io.lighter.oci.OciErrorCode;
import io.lighter.server.http.range.ByteRange;
import io.lighter.server.http.range.MultipartRanges;
import io.lighter.server.http.range.RangeHeader;
import io.lighter.storage.BlobSource;
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
  static Answer head(Representation content, long size, Selection selection) {
    return notModified(content, selection)
        .orElseGet(() -> described(200, content, new Answer.Body.Head(size)));
  }

  /** Answers a GET out of an open source, which the answer owns from here on. */
  static Answer get(Representation content, BlobSource source, Selection selection) {
    Answer answer = null;
    try {
      answer = notModified(content, selection).orElseGet(() -> ranged(content, source, selection));
      return answer;
    } finally {
      if (answer == null || answer.body() instanceof Answer.Body.None) {
        source.close();
      }
    }
  }

  private static Answer ranged(Representation content, BlobSource source, Selection selection) {
    long size = source.size();
    return switch (requested(content, size, selection)) {
      case RangeHeader.Whole _ -> described(200, content, new Answer.Body.Slice(source, 0, size));
      case RangeHeader.Satisfiable(List<ByteRange> ranges) when ranges.size() == 1 -> {
        ByteRange range = ranges.getFirst();
        var slice = new Answer.Body.Slice(source, range.first(), range.length());
        yield described(206, content, slice).with("Content-Range", range.contentRange(size));
      }
      case RangeHeader.Satisfiable(List<ByteRange> ranges) -> {
        var multipart = new MultipartRanges(ranges, size, content.mediaType());
        yield common(206, content)
            .with("Content-Type", MultipartRanges.contentType())
            .body(new Answer.Body.Multipart(source, multipart));
      }
      case RangeHeader.Unsatisfiable _ ->
          described(416, content, new Answer.Body.None()).with("Content-Range", "bytes */" + size);
      case RangeHeader.TooMany(int count) ->
          throw ProtocolException.of(
              OciErrorCode.RANGE_INVALID,
              400,
              "%d ranges in one request; allowed are %d".formatted(count, RangeHeader.MAX_RANGES));
    };
  }

  private static RangeHeader requested(Representation content, long size, Selection selection) {
    String range = selection.range();
    String ifRange = selection.ifRange();
    return range == null
            || (ifRange != null && !EntityTags.of(content.digest()).equals(ifRange.strip()))
        ? new RangeHeader.Whole()
        : RangeHeader.parse(range, size);
  }

  private static Optional<Answer> notModified(Representation content, Selection selection) {
    String ifNoneMatch = selection.ifNoneMatch();
    return ifNoneMatch != null && EntityTags.anyWeak(ifNoneMatch, content.digest())
        ? Optional.of(common(304, content))
        : Optional.empty();
  }

  private static Answer described(int status, Representation content, Answer.Body body) {
    return new Answer(status, content.describedHeaders(), body);
  }

  private static Answer common(int status, Representation content) {
    return new Answer(status, content.headers(), new Answer.Body.None());
  }
}
