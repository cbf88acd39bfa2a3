package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Unusual requests that HTTP allows, and the connection behind every kind of answer. */
class RequestFormTest {
  private static final String ZERO =
      "sha256:0000000000000000000000000000000000000000000000000000000000000000";

  @TempDir private static Path data;
  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start(data, TestServer.generous(), 1000);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void pipelined_requests_areAnsweredInOrder() {
    try (var wire = Wire.connect(server.port())) {
      String rest = " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n";
      wire.send("GET /v2/" + rest + "\r\nGET /v2/none/tags/list" + rest);
      wire.send("\r\nPOST /v2/some/blobs/uploads/" + rest);
      wire.send("\r\nGET /v2/UPPER/tags/list" + rest + "Connection: close\r\n\r\n");

      assertThat(wire.readAll()).extracting(Wire.Reply::status).containsExactly(200, 404, 202, 400);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "http://somewhere.example/v2/, 200",
    "http://somewhere.example:1/v2/none/tags/list, 404",
    "http://somewhere.example, 404",
    "/v2/?a=b, 200",
    "/v2, 200",
    "/, 404",
    "*, 404",
  })
  void target_inAbsoluteForm_meansItsPath(String target, int status) {
    try (var wire = Wire.connect(server.port())) {
      assertThat(wire.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n").read().status())
          .isEqualTo(status);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"OPTIONS *", "OPTIONS /", "TRACE /v2/", "BREW /v2/", "OPTIONS /v2/"})
  void method_thatNobodyHas_isAnswered405WithAllow(String request) {
    try (var wire = Wire.connect(server.port())) {
      var reply = wire.send(request + " HTTP/1.1\r\nHost: x\r\n\r\n").read();

      assertThat(reply.status()).isEqualTo(405);
      assertThat(reply.header("allow")).contains("GET, HEAD");
      assertThat(reply.body()).contains("UNSUPPORTED");
      assertThat(wire.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n").read().status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"CONNECT other.example:443", "CONNECT /v2/"})
  void connect_isRefusedAndItsTunnelNotRead(String request) {
    try (var wire = Wire.connect(server.port())) {
      wire.send(request + " HTTP/1.1\r\nHost: x\r\n\r\nGET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n");

      assertThat(wire.readAll()).extracting(Wire.Reply::status).containsExactly(405);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Host: x", "Host: my_registry:5000", "Host: [::1]:30500", "Host:"})
  void host_inEveryLegalForm_isTaken(String host) {
    try (var wire = Wire.connect(server.port())) {
      assertThat(wire.send("GET /v2/ HTTP/1.1\r\n" + host + "\r\n\r\n").read().status())
          .isEqualTo(200);
    }
  }

  @Test
  void http10_needsNoHostAndEnds() {
    try (var wire = Wire.connect(server.port())) {
      assertThat(wire.send("GET /v2/ HTTP/1.0\r\n\r\n").readAll())
          .extracting(Wire.Reply::status)
          .containsExactly(200);
    }
  }

  /** Whatever the answer, the next request on the connection is answered as if it were first. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GET    | /v2/none/manifests/latest         | 404
          GET    | /v2/none/tags/list                | 404
          GET    | /v2/UPPER/tags/list               | 400
          GET    | /nothing                          | 404
          GET    | /v2/none/blobs/sha256:short       | 400
          POST   | /v2/                              | 405
          DELETE | /v2/none/manifests/latest         | 404
          PUT    | /v2/none/manifests/latest         | 400
          POST   | /v2/some/blobs/uploads/?digest=x  | 400
          PATCH  | /v2/some/blobs/uploads/none       | 404
          PUT    | /v2/some/blobs/uploads/none       | 404
          """)
  void connection_afterError_isUsable(String method, String path, int status) {
    try (var wire = Wire.connect(server.port())) {
      for (String body : new String[] {"", "hello", "x".repeat(200_000)}) {
        wire.send(
            "%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(method, path, body.length(), body));
        assertThat(wire.read().status()).isEqualTo(status);
        wire.send(
            "%s %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                .formatted(method, path));
        wire.send(
            body.isEmpty() ? "0\r\n\r\n" : "%x\r\n%s\r\n0\r\n\r\n".formatted(body.length(), body));
        assertThat(wire.read().status()).isEqualTo(status);
      }
      assertThat(wire.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n").read().body()).isEqualTo("{}");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/nothing, 404",
    "/v2/UPPER/tags/list, 400",
    "/v2/none/manifests/latest, 404",
    "/v2/none/blobs/" + ZERO + ", 404",
    "/v2/, 200",
  })
  void head_hasTheHeadersOfGetAndNoBody(String path, int status) {
    try (var wire = Wire.connect(server.port())) {
      var get = wire.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").read();
      var head = wire.send("HEAD " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").readHead();

      assertThat(get.status()).isEqualTo(status);
      assertThat(head.status()).isEqualTo(status);
      assertThat(head.headers()).isEqualTo(get.headers());
      // A body would stand in the way of the next answer.
      assertThat(wire.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n").read().status()).isEqualTo(200);
    }
  }

  @Test
  void upgrades_areIgnored() {
    try (var wire = Wire.connect(server.port())) {
      for (String upgrade :
          new String[] {
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk",
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
          }) {
        assertThat(
                wire.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n" + upgrade + "\r\n\r\n")
                    .read()
                    .status())
            .isEqualTo(200);
      }
    }
  }

  @Test
  void pipelined_many_areAllAnswered() {
    try (var wire = Wire.connect(server.port())) {
      wire.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100));

      assertThat(IntStream.range(0, 100).mapToObj(_ -> wire.read().status()))
          .containsOnly(200)
          .hasSize(100);
    }
  }
}
