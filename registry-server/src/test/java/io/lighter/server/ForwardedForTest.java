package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.observe.LogFields;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** Who the access log says the client was, and that nothing else believes it. */
class ForwardedForTest {
  @TempDir private Path data;

  @ParameterizedTest
  @CsvSource({"127.0.0.0/8, 203.0.113.7", "10.0.0.0/8, 127.0.0.1:"})
  void accessLog_namesTheForwardedClientOfTrustedProxiesOnly(String trusted, String client) {
    var lines = new CopyOnWriteArrayList<String>();
    try (var server = TestServer.start(data, http(List.of(trusted)), 10)) {
      record(lines);
      server.get("/v2/", "X-Forwarded-For", "192.0.2.1, 203.0.113.7");

      await().untilAsserted(() -> assertThat(lines).hasSize(1));
      assertThat(lines.getFirst()).startsWith(client);
    }
  }

  @Test
  void location_isRelativeWhateverTheProxySays() {
    try (var server = TestServer.start(data, http(List.of("127.0.0.1")), 10)) {
      assertThat(server.put("/v2/app/blobs/uploads/", new byte[0]).headers().firstValue("Location"))
          .isEmpty();
      try (var wire = Wire.connect(server.port())) {
        wire.send(
            "POST /v2/app/blobs/uploads/ HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\n");
        wire.send("X-Forwarded-Proto: https\r\nX-Forwarded-Host: evil.example\r\n\r\n");

        assertThat(wire.read().header("location")).startsWith("/v2/app/blobs/uploads/");
      }
    }
  }

  private static ServerConfig.Http http(List<String> trusted) {
    var http = TestServer.generous();
    return new ServerConfig.Http(
        http.listen(),
        http.eventLoops(),
        http.maxRequests(),
        Duration.ofSeconds(5),
        http.maxConnections(),
        http.maxBlobSize(),
        http.headerTimeout(),
        http.bodyTimeout(),
        http.idleTimeout(),
        trusted,
        http.tls());
  }

  private static void record(List<String> lines) {
    var logger = (Logger) LoggerFactory.getLogger("access");
    var appender =
        new AppenderBase<ILoggingEvent>() {
          @Override
          protected void append(ILoggingEvent event) {
            LogFields.write(event, new Clients(lines));
          }
        };
    appender.start();
    logger.addAppender(appender);
    logger.setLevel(Level.INFO);
  }

  /** What is logged under the name {@code client}. */
  private record Clients(List<String> found) implements LogFields.Sink {
    @Override
    public void text(String name, String value) {
      if (name.equals("client")) {
        found.add(value);
      }
    }

    @Override
    public void number(String name, long value) {}

    @Override
    public void number(String name, double value) {}

    @Override
    public void flag(String name, boolean value) {}

    @Override
    public void none(String name) {}
  }
}
