package io.lighter.server.observe;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LineAppenderTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private boolean full;

  private final LogOutput output =
      new LogOutput(
          new OutputStream() {
            @Override
            public void write(int single) {
              throw new AssertionError("lines are written as a whole");
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
              if (full) {
                throw new IOException("No space left on device");
              }
              written.write(bytes, offset, length);
            }
          });

  @Test
  void append_threadsAtOnce_linesAreWhole() throws Exception {
    LineAppender appender = appender(false);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String text = String.valueOf((char) ('a' + i)).repeat(100 + i);
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                for (int k = 0; k < 500; k++) {
                  appender.doAppend(event(text));
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    output.close();

    assertThat(written.toString(StandardCharsets.UTF_8).lines())
        .hasSize(8 * 500)
        .allMatch(line -> line.length() == 100 + line.charAt(0) - 'a')
        .allMatch(line -> line.chars().distinct().count() == 1);
  }

  /** A log on a full disk goes on when there is room again, and has no half of what failed. */
  @Test
  void append_outputFails_laterLinesAreWritten() {
    LineAppender appender = appender(true);
    appender.doAppend(event("one"));
    full = true;
    appender.doAppend(event("two"));
    full = false;
    appender.doAppend(event("three"));

    assertThat(written.toString(StandardCharsets.UTF_8)).isEqualTo("one\nthree\n");
  }

  private LineAppender appender(boolean flushes) {
    var appender =
        new LineAppender(
            (event, line) -> line.append(event.getMessage()).append('\n'), output, flushes);
    appender.start();
    return appender;
  }

  private static LoggingEvent event(String message) {
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    return new LoggingEvent(
        "x", context.getLogger("test"), Level.INFO, message, null, new Object[0]);
  }
}
