package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code Expect: 100-continue} (RFC 9110, section 10.1.1). */
class ExpectContinueTest {
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
  void upload_thatIsWanted_isAskedForAndKeepsItsConnection() {
    byte[] content = "content".getBytes(UTF_8);
    try (var wire = Wire.connect(server.port())) {
      wire.send(
          "POST /v2/app/blobs/uploads/?digest=%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nExpect: 100-Continue\r\n\r\n"
              .formatted(Digest.ofSha256(content), content.length));
      assertThat(wire.read().status()).isEqualTo(100);

      assertThat(wire.send(content).read().status()).isEqualTo(201);
      assertThat(wire.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n").read().status()).isEqualTo(200);
    }
  }

  @Test
  void chunkedPatch_thatIsWanted_isAskedFor() {
    String location = begin();
    try (var wire = Wire.connect(server.port())) {
      wire.send(
          "PATCH %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
              .formatted(location));
      assertThat(wire.read().status()).isEqualTo(100);

      var reply = wire.send("3\r\nabc\r\n0\r\n\r\n").read();
      assertThat(reply.status()).isEqualTo(202);
      assertThat(reply.header("range")).isEqualTo("0-2");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          PATCH | /v2/app/blobs/uploads/none       | 404
          PUT   | /v2/app/blobs/uploads/none       | 404
          POST  | /v2/UPPER/blobs/uploads/         | 400
          POST  | /v2/app/blobs/uploads/?digest=x  | 400
          PUT   | /v2/                             | 405
          PUT   | /v2/app/manifests/-bad           | 400
          POST  | /nothing                         | 404
          """)
  void upload_thatIsRefused_isNotAskedFor(String method, String path, int status) {
    try (var wire = Wire.connect(server.port())) {
      wire.send(
          "%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
              .formatted(method, path));

      var reply = wire.read();
      assertThat(reply.status()).isEqualTo(status);
      assertThat(reply.header("connection")).isEqualTo("close");
      assertThat(wire.ended()).isTrue();
    }
  }

  /** The client may send its body after all; nothing of it is a request. */
  @Test
  void body_thatComesAfterTheRefusal_isNoRequest() {
    double before = server.metric("lighter_uploads");
    String body = "POST /v2/app/blobs/uploads/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    try (var wire = Wire.connect(server.port())) {
      wire.send(
          "PUT /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
      assertThat(wire.read().status()).isEqualTo(404);

      assertThat(wire.send("x" + body).ended()).isTrue();
    }
    assertThat(server.metric("lighter_uploads")).isEqualTo(before);
  }

  @Test
  void chunk_outOfOrder_isRefusedWithoutItsBody() {
    String location = begin();
    try (var wire = Wire.connect(server.port())) {
      wire.send(
          "PATCH %s HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Range: 7-11\r\nExpect: 100-continue\r\n\r\n"
              .formatted(location));

      assertThat(wire.read().status()).isEqualTo(416);
    }
    assertThat(server.get(location).statusCode()).isEqualTo(204);
  }

  @Test
  void expectation_ofAnythingElse_is417() {
    try (var wire = Wire.connect(server.port())) {
      wire.send("GET /v2/ HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n\r\n");

      assertThat(wire.readAll()).extracting(Wire.Reply::status).containsExactly(417);
    }
  }

  @Test
  void expectation_ofHttp10_isIgnored() {
    try (var wire = Wire.connect(server.port())) {
      wire.send(
          "POST /v2/app/blobs/uploads/ HTTP/1.0\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n");

      assertThat(wire.readAll()).extracting(Wire.Reply::status).containsExactly(202);
    }
  }

  private static String begin() {
    return server
        .post("/v2/app/blobs/uploads/", new byte[0])
        .headers()
        .firstValue("Location")
        .orElseThrow();
  }
}
