package io.lighter.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueryTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a=1              | 1
          a=1&b=2          | 1
          b=2&a=1          | 1
          a=1&a=2          | 1
          a=x+y            | x+y
          a=x%2By          | x+y
          a=%C3%A9         | é
          a=100%           | 100%
          a=%zz            | %zz
          a=%4             | %4
          a=b=c            | b=c
          &&a=1&           | 1
          """)
  void first_value(String raw, String value) {
    assertThat(Query.parse(raw).first("a")).contains(value);
  }

  @Test
  void first_absent_isEmpty() {
    assertThat(Query.parse("").first("a")).isEmpty();
    assertThat(Query.parse("b=1").first("a")).isEmpty();
    assertThat(Query.parse("a").first("a")).contains("");
  }

  @Test
  void all_keepsOrder() {
    assertThat(Query.parse("tag=b&x=1&tag=a").all("tag")).containsExactly("b", "a");
  }

  @Test
  void encode_thenParse_givesTheSame() {
    String text = "a+b c/d:é%&=?#\"";
    assertThat(Query.parse("v=" + Query.encode(text)).first("v")).contains(text);
  }
}
