package io.lighter.server.http;

import io.lighter.server.http.range.ByteRange;
import io.lighter.server.http.range.MultipartRanges;
import java.util.ArrayList;
import java.util.List;

/** A stretch of a body: bytes that were made for it, or a range of the content. */
sealed interface Section {

  /** Length in bytes, more than 0. */
  long length();

  /** Bytes of the answer itself. */
  @SuppressWarnings("ArrayRecordComponent") // Never written, never compared.
  record Text(byte[] bytes) implements Section {
    @Override
    public long length() {
      return bytes.length;
    }
  }

  /** Bytes of the content. */
  record Range(long position, long length) implements Section {}

  /** A body, in the order in which it is sent. */
  static List<Section> of(Answer.Body body) {
    return switch (body) {
      case Answer.Body.None _, Answer.Body.Head _ -> List.of();
      case Answer.Body.Bytes(byte[] content) -> List.of(new Text(content));
      case Answer.Body.Slice slice ->
          slice.length() == 0 ? List.of() : List.of(new Range(slice.offset(), slice.length()));
      case Answer.Body.Multipart multipart -> parts(multipart.ranges());
    };
  }

  private static List<Section> parts(MultipartRanges ranges) {
    var sections = new ArrayList<Section>(2 * ranges.ranges().size() + 1);
    for (int i = 0; i < ranges.ranges().size(); i++) {
      ByteRange range = ranges.ranges().get(i);
      sections.add(new Text(ranges.head(i)));
      sections.add(new Range(range.first(), range.length()));
    }
    sections.add(new Text(ranges.end()));
    return sections;
  }
}
