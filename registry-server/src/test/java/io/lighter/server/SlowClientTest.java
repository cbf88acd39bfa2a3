package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.server.config.DataSize;
import io.lighter.server.config.ListenAddress;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.config.TlsConfig;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that begin something and do not get on with it. */
class SlowClientTest {
  private static final Duration HEAD = Duration.ofSeconds(1);
  private static final Duration STALL = Duration.ofMillis(700);
  private static final Duration IDLE = Duration.ofSeconds(3);

  @TempDir private Path data;
  private final ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor();
  private TestServer server;

  @BeforeEach
  void start() {
    server =
        TestServer.start(
            data,
            new ServerConfig.Http(
                new ListenAddress("127.0.0.1", 0),
                0,
                64,
                Duration.ofSeconds(5),
                1000,
                new DataSize(0),
                HEAD,
                STALL,
                IDLE,
                List.of(),
                TlsConfig.NONE),
            1000);
  }

  @AfterEach
  void stop() {
    pace.shutdownNow();
    server.close();
  }

  /** One byte now and then holds off every idle timeout, and must not hold off this one. */
  @Test
  void head_thatTrickles_endsTheConnection() {
    try (var wire = Wire.connect(server.port())) {
      long startedAt = System.nanoTime();
      wire.send("GET /v2/ HTTP/1.1\r\nHost: x\r\nX: ");
      every(Duration.ofMillis(100), () -> wire.send("x"));

      assertThat(wire.ended()).isTrue();
      assertThat(since(startedAt)).isBetween(HEAD.minusMillis(50), IDLE);
    }
  }

  @Test
  void head_thatTricklesOnAUsedConnection_endsTheConnection() {
    try (var wire = Wire.connect(server.port())) {
      wire.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n").read();
      long startedAt = System.nanoTime();
      every(Duration.ofMillis(100), () -> wire.send("x"));

      assertThat(wire.ended()).isTrue();
      assertThat(since(startedAt)).isLessThan(IDLE);
    }
  }

  @Test
  void connection_thatIsIdle_outlivesTheTimeoutOfHeadsAndEndsAfterItsOwn() {
    try (var used = Wire.connect(server.port());
        var fresh = Wire.connect(server.port())) {
      used.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n").read();
      long startedAt = System.nanoTime();

      assertThat(used.ended()).isTrue();
      assertThat(since(startedAt)).isGreaterThan(HEAD.plusMillis(500));
      assertThat(fresh.ended()).isTrue();
    }
  }

  @Test
  void body_thatStalls_isAnswered408AndTheUploadGoesOn() {
    String location = begin();
    try (var wire = Wire.connect(server.port())) {
      wire.send("PATCH " + location + " HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabcd");

      var reply = wire.read();
      assertThat(reply.status()).isEqualTo(408);
      assertThat(reply.header("connection")).isEqualTo("close");
      assertThat(wire.ended()).isTrue();
    }
    var state = server.get(location);
    assertThat(state.statusCode()).isEqualTo(204);
    assertThat(state.headers().firstValue("Range")).contains("0-3");
    String next = state.headers().firstValue("Location").orElseThrow();
    assertThat(server.patch(next, new byte[6]).headers().firstValue("Range")).contains("0-9");
  }

  @Test
  void body_thatIsSlowAndMoves_isTaken() {
    String location = begin();
    int pieces = 15;
    try (var wire = Wire.connect(server.port())) {
      long startedAt = System.nanoTime();
      wire.send(
          "PATCH %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n".formatted(location, pieces));
      var left = new AtomicInteger(pieces);
      every(
          Duration.ofMillis(150),
          () -> {
            if (left.getAndDecrement() > 0) {
              wire.send("x");
            }
          });

      assertThat(wire.read().status()).isEqualTo(202);
      assertThat(since(startedAt)).isGreaterThan(STALL.multipliedBy(2));
    }
  }

  /** The head of the next request may be long complete while the answer to the first goes out. */
  @Test
  void pipelinedHead_behindASlowRequest_isNotLate() {
    String location = begin();
    try (var wire = Wire.connect(server.port())) {
      wire.send("PATCH " + location + " HTTP/1.1\r\nHost: x\r\nContent-Length: 14\r\n\r\n");
      var left = new AtomicInteger(14);
      every(
          Duration.ofMillis(150),
          () -> {
            int now = left.getAndDecrement();
            if (now > 0) {
              wire.send(now == 1 ? "xGET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n" : "x");
            }
          });

      assertThat(wire.read().status()).isEqualTo(202);
      assertThat(wire.read().status()).isEqualTo(200);
    }
  }

  @Test
  void stalledClients_leaveNothingBehind() {
    for (int i = 0; i < 20; i++) {
      Wire.connect(server.port()).send("GET /v2/ HTTP/1.1\r\nHost:");
    }
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(server.metric("lighter_connections")).isZero());
  }

  private String begin() {
    return server
        .post("/v2/app/blobs/uploads/", new byte[0])
        .headers()
        .firstValue("Location")
        .orElseThrow();
  }

  private void every(Duration period, Runnable action) {
    var _ =
        pace.scheduleAtFixedRate(
            () -> {
              try {
                action.run();
              } catch (UncheckedIOException e) {
                pace.shutdown(); // The connection is closed, which is what the test waits for.
              }
            },
            0,
            period.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private static Duration since(long nanoTime) {
    return Duration.ofNanos(System.nanoTime() - nanoTime);
  }
}
