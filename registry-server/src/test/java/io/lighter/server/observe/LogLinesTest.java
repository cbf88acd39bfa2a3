package io.lighter.server.observe;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.lighter.server.observe.RequestRecord.Timing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LogLinesTest {

  @Test
  void json_everyValue_keepsItsType() {
    var event = event("hello {}", "world");
    event.addKeyValuePair(new KeyValuePair("status", 206));
    event.addKeyValuePair(new KeyValuePair("bytes", 1L << 40));
    event.addKeyValuePair(new KeyValuePair("ms", 0.25));
    event.addKeyValuePair(new KeyValuePair("hot", true));
    event.addKeyValuePair(new KeyValuePair("none", null));
    event.addKeyValuePair(new KeyValuePair("wait", Duration.ofSeconds(1)));

    JsonNode line = JsonMapper.shared().readTree(encode(event));
    assertThat(line.path("message").asString()).isEqualTo("hello world");
    assertThat(line.path("level").asString()).isEqualTo("WARN");
    assertThat(line.path("status").isIntegralNumber()).isTrue();
    assertThat(line.path("bytes").asLong()).isEqualTo(1L << 40);
    assertThat(line.path("ms").isNumber()).isTrue();
    assertThat(line.path("hot").isBoolean()).isTrue();
    assertThat(line.path("none").isNull()).isTrue();
    assertThat(line.path("wait").asString()).isEqualTo("PT1S");
  }

  @Test
  void json_ofAnything_isOneLine() {
    var event = event("a\nb\r\u0000\"\u2028{}", "\ud800");
    event.setThrowableProxy(
        new ch.qos.logback.classic.spi.ThrowableProxy(new IllegalStateException("x\ny")));

    String line = encode(event);
    assertThat(line).endsWith("}\n");
    assertThat(line.substring(0, line.length() - 1)).doesNotContain("\n", "\r", "\u0000");
    assertThat(JsonMapper.shared().readTree(line).path("error").asString())
        .contains("IllegalStateException", "x\ny");
  }

  @Test
  void text_hasTimeLevelShortNameMessageAndFields() {
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    LogFields fields = to -> to.number("files", 3);
    var event =
        new LoggingEvent(
            "x",
            context.getLogger("io.lighter.some.Name"),
            Level.INFO,
            "hello {}",
            null,
            new Object[] {"world", fields});
    event.addKeyValuePair(new KeyValuePair("ms", 0.25));
    event.addKeyValuePair(new KeyValuePair("hot", true));
    event.addKeyValuePair(new KeyValuePair("none", null));

    assertThat(text(event))
        .matches(
            "[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3} INFO  Name hello world"
                + " files=3 ms=0\\.25 hot=true none=null\n");
  }

  @Test
  void text_ofAFailure_hasItsStackTraceBelow() {
    var event = event("hello {}", "world");
    event.setThrowableProxy(
        new ch.qos.logback.classic.spi.ThrowableProxy(new IllegalStateException("x")));

    assertThat(text(event).lines().toList())
        .satisfies(
            lines -> assertThat(lines.getFirst()).endsWith("WARN  test hello world"),
            lines -> assertThat(lines.get(1)).isEqualTo("java.lang.IllegalStateException: x"),
            lines -> assertThat(lines.get(2)).startsWith("\tat "));
    assertThat(text(event)).endsWith("\n");
  }

  @Test
  void access_ofHostileText_isShortAndOneLine() {
    String evil = "x\u001b[2J\n12:00 INFO forged\u0085" + "y".repeat(100_000);
    String line =
        access(
            new RequestRecord(
                "1",
                "c",
                evil,
                evil,
                "Blob",
                200,
                5,
                Duration.ofNanos(1),
                evil,
                evil,
                "",
                Timing.NONE));

    assertThat(line).contains("x?[2J?12:00 INFO forged?y").hasSizeLessThan(4 * 700);
    assertThat(line).endsWith("\n");
    assertThat(line.strip().chars()).noneMatch(Character::isISOControl);
  }

  @Test
  void access_ofPlainText_isUnchanged() {
    String line =
        access(
            new RequestRecord(
                "1",
                "10.0.0.1:5",
                "GET",
                "/v2/a?b=\u00fc",
                "Blob",
                206,
                5,
                Duration.ofMillis(3),
                "containerd/2.0",
                "bytes=0-1",
                "4bf92f3577b34da6a3ce929d0e0e4736",
                Timing.NONE));

    assertThat(line)
        .contains(
            "/v2/a?b=\u00fc",
            "bytes=0-1",
            "containerd/2.0",
            " trace=4bf92f3577b34da6a3ce929d0e0e4736",
            " status=206 ",
            " ms=3.0 ");
    assertThat(
            access(
                new RequestRecord(
                    "1", "c", "GET", "/", "none", 404, 0, Duration.ZERO, "", "", "", Timing.NONE)))
        .doesNotContain("range=", "agent=", "trace=");
  }

  /** Any word is a method to HTTP. */
  @Test
  void metrics_ofInventedMethods_areOne() {
    try (var metrics = new RegistryMetrics()) {
      for (int i = 0; i < 100; i++) {
        metrics.answered(
            new RequestRecord(
                "1", "c", "M" + i, "/", "none", 405, 0, Duration.ZERO, "", "", "", Timing.NONE));
      }
      assertThat(metrics.scrape().lines().filter(line -> line.contains("lighter_requests")))
          .filteredOn(line -> line.contains("_count"))
          .singleElement()
          .asString()
          .contains("method=\"other\"", " 100");
    }
  }

  private static LoggingEvent event(String message, String argument) {
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    return new LoggingEvent(
        "x", context.getLogger("test"), Level.WARN, message, null, new Object[] {argument});
  }

  private static String text(ILoggingEvent event) {
    return line(new TextLines(), event);
  }

  private static String encode(ILoggingEvent event) {
    return line(new JsonLines(), event);
  }

  private static String line(LineFormat format, ILoggingEvent event) {
    var line = new StringBuilder();
    format.write(event, line);
    return line.toString();
  }

  private static String access(RequestRecord request) {
    List<String> lines = new ArrayList<>();
    var logger = (Logger) LoggerFactory.getLogger("access");
    Level before = logger.getLevel();
    var appender =
        new AppenderBase<ILoggingEvent>() {
          @Override
          protected void append(ILoggingEvent event) {
            lines.add(text(event));
          }
        };
    appender.start();
    logger.addAppender(appender);
    logger.setLevel(Level.INFO);
    try {
      new AccessLog().log(request);
    } finally {
      logger.detachAppender(appender);
      logger.setLevel(before);
    }
    assertThat(lines).hasSize(1);
    return lines.getFirst();
  }
}
