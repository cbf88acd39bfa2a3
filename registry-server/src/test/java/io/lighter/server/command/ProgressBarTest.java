package io.lighter.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
  private final StringWriter terminal = new StringWriter();
  private final ProgressBar bar = new ProgressBar(new PrintWriter(terminal));

  @Test
  void show_partOfIt_fillsThatPart() {
    bar.show(3, 9, "12 MiB");

    assertThat(terminal).hasToString("\r\033[K[########................] 3/9  12 MiB");
  }

  @Test
  void show_again_isWrittenOver() {
    bar.show("a long text");
    bar.show(9, 9, "x");

    assertThat(terminal)
        .hasToString("\r\033[Ka long text\r\033[K[########################] 9/9  x");
  }

  @Test
  void clear_nothingDrawn_leavesTheTerminalAlone() {
    bar.clear();
    assertThat(terminal).hasToString("");

    bar.show("text");
    bar.clear();
    bar.clear();
    assertThat(terminal).hasToString("\r\033[Ktext\r\033[K");
  }
}
