package io.lighter.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A reader of {@code multipart/byteranges} bodies that trusts nothing but the boundary. */
final class Multipart {
  /** What the narrowest client takes: no quotes, and only these characters. */
  private static final Pattern TYPE =
      Pattern.compile("multipart/byteranges; ?boundary=([A-Za-z0-9:-]+)");

  private static final Pattern CONTENT_RANGE =
      Pattern.compile("(?im)^content-range: *bytes (\\d+)-(\\d+)/(\\d+)\\r\\n");

  private Multipart() {}

  /** The parts with their bytes; every one must name {@code size} as the total. */
  static List<Part> read(String contentType, byte[] body, int size) {
    var type = TYPE.matcher(contentType);
    assertThat(type.matches()).as(contentType).isTrue();
    String text = new String(body, ISO_8859_1);
    String delimiter = "--" + type.group(1);
    var parts = new ArrayList<Part>();
    int at = text.indexOf(delimiter);
    assertThat(at).as("begins with its boundary").isBetween(0, 2);
    while (!text.startsWith(delimiter + "--", at)) {
      int headersEnd = text.indexOf("\r\n\r\n", at) + 2;
      var range = CONTENT_RANGE.matcher(text.substring(at, headersEnd));
      assertThat(range.find()).as(text.substring(at, headersEnd)).isTrue();
      assertThat(range.group(3)).isEqualTo(Integer.toString(size));
      var model =
          new RangeModel(Integer.parseInt(range.group(1)), Integer.parseInt(range.group(2)));
      int start = headersEnd + 2;
      parts.add(new Part(model, text.substring(start, start + model.length())));
      at = start + model.length() + 2;
      assertThat(text.startsWith("\r\n" + delimiter, at - 2)).as("part is exactly long").isTrue();
    }
    assertThat(text.substring(at)).matches(Pattern.quote(delimiter) + "--(\\r\\n)?");
    return parts;
  }

  /**
   * One part.
   *
   * @param bytes its content, one char for each byte
   */
  record Part(RangeModel range, String bytes) {
    static Part of(Content blob, RangeModel range) {
      return new Part(range, new String(blob.slice(range.first(), range.last() + 1), ISO_8859_1));
    }
  }
}
