package io.lighter.server.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineBufferTest {
  private final LineBuffer line = new LineBuffer();
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  @ParameterizedTest
  @ValueSource(
      strings = {"", "plain\n", "Gr\u00fc\u00dfe \u20ac \ud83d\ude80\n", "a\ud800b\n", "\udc00"})
  void writeTo_anyText_isWhatJavaMakesOfIt(String text) throws IOException {
    write(text);

    assertThat(written.toByteArray()).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void writeTo_oneAfterTheOther_eachIsWrittenOnce() throws IOException {
    write("the first and longer one\n");
    write("\u20ac\n");
    write("x".repeat(5000) + "\u00fc\n");
    write("the last\n");

    assertThat(written.toString(StandardCharsets.UTF_8))
        .isEqualTo("the first and longer one\n\u20ac\n" + "x".repeat(5000) + "\u00fc\nthe last\n");
  }

  @ParameterizedTest
  @ValueSource(ints = {1023, 1024, 1025})
  void writeTo_aroundItsRoom_isWhole(int length) throws IOException {
    write("\u20ac".repeat(length));

    assertThat(written.toString(StandardCharsets.UTF_8)).isEqualTo("\u20ac".repeat(length));
  }

  @Test
  void isSmall_afterAStackTrace_no() throws IOException {
    write("x".repeat(1024));
    assertThat(line.isSmall()).isTrue();

    write("x".repeat(1_000_000));
    assertThat(line.isSmall()).isFalse();
  }

  private void write(String text) throws IOException {
    line.text().append(text);
    line.writeTo(written);
  }
}
