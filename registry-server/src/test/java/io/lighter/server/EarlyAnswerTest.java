package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that are known before the client has sent everything: it must be able to read them. */
class EarlyAnswerTest {
  private static final int MIB = 1 << 20;

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

  /** A client that reads only after its last byte, as simple ones do. */
  @ParameterizedTest
  @ValueSource(ints = {5 * MIB, 12 * MIB})
  void manifest_thatIsTooLong_isReadableAfterwardsAndTheConnectionGoesOn(int length) {
    try (var wire = Wire.connect(server.port())) {
      wire.send(
          "PUT /v2/app/manifests/latest HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
              .formatted(length));
      wire.send(new byte[length]);

      assertThat(wire.read().status()).isEqualTo(413);
      assertThat(wire.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n").read().status()).isEqualTo(200);
    }
  }

  /** What is announced too long to be thrown away is answered with the end of the connection. */
  @Test
  void body_thatIsLongAndUnwanted_isAnsweredAtOnceWithClose() {
    try (var wire = Wire.connect(server.port())) {
      wire.send(
          "PUT /v2/app/blobs/uploads/none?digest=x HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
              .formatted(1L << 40));
      wire.send(new byte[4 * MIB]);

      var reply = wire.read();
      assertThat(reply.status()).isEqualTo(404);
      assertThat(reply.header("connection")).isEqualTo("close");
      assertThat(wire.ended()).isTrue();
    }
  }

  /** Nobody sends for ever, whether the end is announced or not. */
  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 1099511627776", "Transfer-Encoding: chunked"})
  void body_thatNeverEnds_isCutOffAfterABound(String framing) {
    try (var wire = Wire.connect(server.port())) {
      wire.send("PUT /v2/app/blobs/uploads/none HTTP/1.1\r\nHost: x\r\n" + framing + "\r\n\r\n");
      wire.send(framing.startsWith("T") ? "7fffffff\r\n" : "");
      assertThat(wire.read().status()).isEqualTo(404);

      assertThat(wire.sendUntilRefused(new byte[MIB], 256L * MIB)).isLessThan(128L * MIB);
    }
  }

  @Test
  void headers_thatAreFarTooLong_areAnsweredReadably() {
    try (var wire = Wire.connect(server.port())) {
      wire.send("GET /v2/ HTTP/1.1\r\nHost: x\r\nX: ").send(new byte[8 * MIB]);

      assertThat(wire.readAll()).extracting(Wire.Reply::status).containsExactly(431);
    }
  }

  @Test
  void get_withABody_isAnsweredAndTheConnectionGoesOn() {
    try (var wire = Wire.connect(server.port())) {
      for (int i = 0; i < 3; i++) {
        wire.send("GET /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
            .send(new byte[100_000]);
        assertThat(wire.read().body()).isEqualTo("{}");
      }
    }
  }
}
