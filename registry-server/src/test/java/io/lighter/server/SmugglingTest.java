package io.lighter.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests of which two readers could disagree where they end. Behind each stands one more that
 * would begin an upload: it must not be taken for a request.
 */
class SmugglingTest {
  private static final String SMUGGLED =
      "POST /v2/smuggled/blobs/uploads/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";

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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 0\r\nContent-Length: 5",
        "Content-Length: 0\r\nContent-Length: 0",
        "Content-Length: 0, 5",
        "Content-Length: +0",
        "Content-Length: -1",
        "Content-Length: 00",
        "Content-Length: 0x0",
        "Content-Length: 0 0",
        "Content-Length:",
        "Content-Length: 99999999999999999999",
        "Content-Length : 0",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity, chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked;q=1",
        "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: \u000bchunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding:\r\n chunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding:",
        "A: b\nContent-Length: 0",
        "A: b\rContent-Length: 5",
        "A: b\u0000c",
        ": nameless",
        "no colon",
        "two words: x",
      })
  void request_whoseEndIsInDoubt_isRefusedAndNothingBehindItRead(String headers) {
    expectRefusal(
        "POST /v2/first/blobs/uploads/ HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n\r\n0\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /v2/first/blobs/uploads/ HTTP/1.1\r\nHost: x\r\n Transfer-Encoding: chunked\r\n\r\n",
        "POST /v2/first/blobs/uploads/ HTTP/1.1\nHost: x\nContent-Length: 0\n\n",
        "POST /v2/a/blobs/uploads/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /v2/first/blobs/uploads/\r\n\r\n",
        "P@ST /v2/first/blobs/uploads/ HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /v2/first/blobs/uploads/ HTTP/1.1\r\n\r\n",
        "POST /v2/first/blobs/uploads/ HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
        "POST /v2/first/blobs/uploads/ HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "POST /v2/first/blobs/uploads/ HTTP/1.1\r\nHost: x/y\r\n\r\n",
        "POST /v2/first/blobs/uploads/ HTTP/1.1\r\nHost: x y\r\n\r\n",
      })
  void request_thatIsNotHttp_isRefusedAndNothingBehindItRead(String request) {
    expectRefusal(request);
  }

  private static void expectRefusal(String request) {
    double before = server.metric("lighter_uploads");
    try (var wire = Wire.connect(server.port())) {
      var replies = wire.send(request + SMUGGLED).readAll();

      assertThat(replies).extracting(Wire.Reply::status).containsExactly(400);
      assertThat(replies.getFirst().header("connection")).isEqualTo("close");
      assertThat(replies.getFirst().body()).contains("\"errors\"");
    }
    assertThat(server.metric("lighter_uploads")).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "zz\r\n",
        "+0\r\n\r\n",
        "-1\r\n\r\n",
        "0x0\r\n\r\n",
        " 0\r\n\r\n",
        "0_0\r\n\r\n",
        "0\n\n",
        "80000000\r\n",
        "100000000\r\n",
        "10000000000000000\r\n",
        "1;a\nX\r\n0\r\n\r\n",
        "1;a\rX\r\n0\r\n\r\n0\r\n\r\n",
        "1\r\nAB\r\n0\r\n\r\n",
        "1\r\nA\n0\r\n\r\n",
        "\r\n0\r\n\r\n",
      })
  void body_whoseEndIsInDoubt_refusedAndTheConnectionEnds(String chunks) {
    String location = upload();
    try (var wire = Wire.connect(server.port())) {
      double before = server.metric("lighter_uploads");
      wire.send(
          "PATCH %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%s%s"
              .formatted(location, chunks, SMUGGLED));

      var replies = wire.readAll();
      assertThat(replies).extracting(Wire.Reply::status).containsExactly(400);
      assertThat(replies.getFirst().header("connection")).isEqualTo("close");
      assertThat(replies.getFirst().body()).contains("chunked");
      assertThat(server.metric("lighter_uploads")).isEqualTo(before);
    }
  }

  /** Nothing reads that body, so nothing but the connection can see that it is broken. */
  @Test
  void body_brokenAndUnwanted_answeredAndTheConnectionEnds() {
    try (var wire = Wire.connect(server.port())) {
      wire.send(
          "PATCH /v2/app/blobs/uploads/no-upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
              + SMUGGLED);

      var replies = wire.readAll();
      assertThat(replies).extracting(Wire.Reply::status).containsExactly(404);
    }
  }

  @Test
  void chunkExtension_withoutEnd_refusedAndTheConnectionEnds() {
    String location = upload();
    try (var wire = Wire.connect(server.port())) {
      wire.send("PATCH " + location + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      wire.send("0;").sendUntilRefused("a".repeat(8192).getBytes(US_ASCII), 16 << 20);

      assertThat(wire.readAll()).extracting(Wire.Reply::status).containsExactly(400);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\tCHUNKED \r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0;name=value\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 100\r\nHost: y\r\n\r\n",
        "Content-Length: 0\r\n\r\n",
      })
  void body_whoseEndIsClear_isFollowedByTheNextRequest(String rest) {
    try (var wire = Wire.connect(server.port())) {
      wire.send("POST /v2/first/blobs/uploads/ HTTP/1.1\r\nHost: x\r\n" + rest);
      wire.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n");

      assertThat(wire.read().status()).isEqualTo(202);
      assertThat(wire.read().body()).isEqualTo("{}");
    }
  }

  private static String upload() {
    return server
        .post("/v2/first/blobs/uploads/", new byte[0])
        .headers()
        .firstValue("Location")
        .orElseThrow();
  }
}
