package io.lighter.server.observe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What others write cannot make one line look like two, nor one value like several. */
class LogTextTest {

  @Test
  void line_endsOfLinesAndEscapes_areReplacedAndSpacesStay() {
    assertThat(LogText.line("GET /a b\r\n12:00 INFO \u001b[31mforged"))
        .isEqualTo("GET /a b??12:00 INFO ?[31mforged");
  }

  @Test
  void line_long_isCutAndSaysSo() {
    assertThat(LogText.line("x".repeat(512))).hasSize(512);
    assertThat(LogText.line("x".repeat(513))).hasSize(513).endsWith("x\u2026");
  }

  @Test
  void word_spacesAndOtherScripts_areReplaced() {
    assertThat(LogText.word("corp:eve action=admin\u00e9\u2028"))
        .isEqualTo("corp:eve?action=admin??");
  }

  @Test
  void word_long_isCut() {
    assertThat(LogText.word("x".repeat(10_000))).hasSize(160);
  }
}
