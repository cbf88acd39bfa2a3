package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.server.config.DataSize;
import io.lighter.server.config.ListenAddress;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.config.TlsConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every cap, met from outside: what is beyond it is refused with a reason, the rest goes on. */
class LimitsTest {
  private static final int CONNECTIONS = 8;
  private static final int REQUESTS = 2;
  private static final int UPLOADS = 3;

  @TempDir private Path data;
  private TestServer server;

  @BeforeEach
  void start() {
    server =
        TestServer.start(
            data,
            new ServerConfig.Http(
                new ListenAddress("127.0.0.1", 0),
                0,
                REQUESTS,
                Duration.ofSeconds(5),
                CONNECTIONS,
                new DataSize(0),
                Duration.ofSeconds(2),
                Duration.ofSeconds(30),
                Duration.ofMinutes(3),
                List.of(),
                TlsConfig.NONE),
            UPLOADS);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({"16000, 400", "20000, 414", "2000000, 414"})
  void requestLine_beyondTheCap_is414(int length, int status) {
    try (var wire = Wire.connect(server.port())) {
      wire.send("GET /v2/" + "a".repeat(length) + "/tags/list HTTP/1.1\r\nHost: x\r\n\r\n");

      assertThat(wire.read().status()).isEqualTo(status);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 60000, 200", "1, 70000, 431", "1, 4000000, 431", "200, 10, 200", "300, 1, 431"})
  void headers_beyondTheCap_are431(int lines, int length, int status) {
    String headers =
        IntStream.range(0, lines)
            .mapToObj(i -> "X-%d: %s\r\n".formatted(i, "a".repeat(length)))
            .collect(Collectors.joining());
    try (var wire = Wire.connect(server.port())) {
      wire.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");

      var reply = wire.read();
      assertThat(reply.status()).isEqualTo(status);
      assertThat(status == 200 || wire.ended()).isTrue();
    }
  }

  @Test
  void rangeHeader_of1024Ranges_passes() {
    byte[] content = "0123456789".repeat(2000).getBytes(UTF_8);
    Digest digest = Digest.ofSha256(content);
    server.pushBlob("app", digest, content);
    // As long as offsets get: a lazy client's ranges lie far into a large layer.
    String ranges =
        IntStream.range(0, 1024)
            .mapToObj(i -> "%020d-%018d".formatted(i * 10, i * 10 + 4))
            .collect(Collectors.joining(","));
    assertThat(ranges.length()).isGreaterThan(40_000);
    try (var wire = Wire.connect(server.port())) {
      wire.send(
          "GET /v2/app/blobs/%s HTTP/1.1\r\nHost: x\r\nRange: bytes=%s\r\n\r\n"
              .formatted(digest, ranges));
      var reply = wire.read();

      assertThat(reply.status()).isEqualTo(206);
      assertThat(reply.body().split("Content-Range: ", -1)).hasSize(1025);
    }
  }

  @Test
  void connections_beyondTheCap_hear503AndTheNextComesIn() {
    var served = new ArrayList<Wire>();
    try {
      for (int i = 0; i < CONNECTIONS; i++) {
        served.add(Wire.connect(server.port()));
        assertThat(ping(served.getLast()).status()).isEqualTo(200);
      }
      try (var refused = Wire.connect(server.port())) {
        var reply = ping(refused);
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.header("retry-after")).isNotEmpty();
        assertThat(reply.body()).contains("TOOMANYREQUESTS");
        assertThat(refused.ended()).isTrue();
      }
      try (var silent = Wire.connect(server.port())) {
        assertThat(silent.ended()).as("one too many that says nothing").isTrue();
      }
      served.forEach(wire -> assertThat(ping(wire).status()).isEqualTo(200));
      served.removeLast().close();
      await()
          .untilAsserted(() -> {
            try (var next = Wire.connect(server.port())) {
              assertThat(ping(next).status()).isEqualTo(200);
            }
          });
    } finally {
      served.forEach(Wire::close);
    }
  }

  @Test
  void requests_beyondTheCap_hear503AndTheNextComesIn() {
    var waiting = new ArrayList<Wire>();
    try {
      for (int i = 0; i < REQUESTS; i++) {
        String location = begin();
        waiting.add(Wire.connect(server.port()));
        waiting
            .getLast()
            .send("PATCH " + location + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na");
      }
      await()
          .untilAsserted(() -> {
            var answer = server.get("/v2/none/tags/list");
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
          });
      waiting.getFirst().send("b");
      assertThat(waiting.getFirst().read().status()).isEqualTo(202);
      assertThat(server.get("/v2/none/tags/list").statusCode()).isEqualTo(404);
    } finally {
      waiting.forEach(Wire::close);
    }
  }

  @Test
  void uploads_beyondTheCap_hear429UntilOneEnds() {
    var locations = new ArrayList<String>();
    for (int i = 0; i < UPLOADS; i++) {
      locations.add(begin());
    }
    var refused = server.post("/v2/app/blobs/uploads/", new byte[0]);
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    assertThat(new String(refused.body(), UTF_8)).contains("TOOMANYREQUESTS", "3 uploads");

    assertThat(server.delete(locations.getFirst()).statusCode()).isEqualTo(204);
    assertThat(server.metric("lighter_uploads")).isEqualTo(UPLOADS - 1);
    byte[] content = {1};
    server.pushBlob("app", Digest.ofSha256(content), content);
    assertThat(server.metric("lighter_uploads")).isEqualTo(UPLOADS - 1);
    begin();
    assertThat(server.post("/v2/app/blobs/uploads/", new byte[0]).statusCode()).isEqualTo(429);
  }

  private String begin() {
    var answer = server.post("/v2/app/blobs/uploads/", new byte[0]);
    assertThat(answer.statusCode()).isEqualTo(202);
    return answer.headers().firstValue("Location").orElseThrow();
  }

  private static Wire.Reply ping(Wire wire) {
    return wire.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n").read();
  }
}
