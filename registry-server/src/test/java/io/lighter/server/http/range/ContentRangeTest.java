package io.lighter.server.http.range;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentRangeTest {

  @Test
  void parse_wellFormed() {
    assertThat(ContentRange.parse("0-0")).contains(new ContentRange(0, 0));
    assertThat(ContentRange.parse(" 5-9 ")).contains(new ContentRange(5, 9));
    assertThat(ContentRange.parse("4294967296-4294967300").orElseThrow().length()).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "5-",
        "-5",
        "5-2",
        "bytes 0-1/2",
        "0-1/2",
        "a-b",
        "0--1",
        "-1-2",
        "9223372036854775808-9223372036854775809",
        "0-99999999999999999999"
      })
  void parse_anythingElse_isEmpty(String header) {
    assertThat(ContentRange.parse(header)).isEmpty();
  }
}
