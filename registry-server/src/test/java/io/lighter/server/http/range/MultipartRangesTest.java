package io.lighter.server.http.range;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class MultipartRangesTest {

  @Test
  void length_isThatOfTheWholeBody() {
    var ranges =
        new MultipartRanges(
            List.of(new ByteRange(5, 9), new ByteRange(0, 0), new ByteRange(5, 9)),
            10,
            "application/octet-stream");
    var body = new StringBuilder();
    for (int i = 0; i < ranges.ranges().size(); i++) {
      body.append(new String(ranges.head(i), StandardCharsets.US_ASCII));
      body.append("x".repeat((int) ranges.ranges().get(i).length()));
    }
    body.append(new String(ranges.end(), StandardCharsets.US_ASCII));

    assertThat(ranges.length()).isEqualTo(body.length());
    assertThat(body.toString())
        .startsWith("--" + MultipartRanges.BOUNDARY + "\r\n")
        .endsWith("\r\n--" + MultipartRanges.BOUNDARY + "--\r\n")
        .containsSubsequence("bytes 5-9/10", "bytes 0-0/10", "bytes 5-9/10");
  }

  @Test
  void boundary_hasOnlyLettersAndDigits() {
    assertThat(MultipartRanges.BOUNDARY).matches("[A-Za-z0-9]{1,70}");
  }
}
