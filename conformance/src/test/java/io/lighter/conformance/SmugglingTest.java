package io.lighter.conformance;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests whose length two readers could see differently (RFC 9112, section 6.3 and 11.2): none is
 * carried out, and what stands behind them is never read as a request.
 */
@ExtendWith(RegistryExtension.class)
class SmugglingTest {
  private final Registry registry;
  private final Repository repository;

  SmugglingTest(Registry registry) {
    this.registry = registry;
    this.repository = registry.repository();
    repository.tag("victim", repository.pushImage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 4|Transfer-Encoding: chunked",
        "Transfer-Encoding: chunked|Content-Length: 4",
        "Content-Length: 0|Content-Length: 4",
        "Content-Length: 0, 4",
        "Content-Length: +0",
        "Content-Length: -1",
        "Content-Length: 0x0",
        "Content-Length: 99999999999999999999999",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding: \u000bchunked",
        " Content-Length: 0",
        "Content-Length\u0000: 0",
        "Host: elsewhere.example"
      })
  void length_ambiguous_nothingBehindIsRun(String headers) {
    String hidden =
        "DELETE " + repository.path("manifests/victim") + " HTTP/1.1\r\nHost: x\r\n\r\n";
    try (var wire = registry.connect()) {
      wire.write(
          ("POST /v2/ HTTP/1.1\r\nHost: x\r\n"
                  + headers.replace("|", "\r\n")
                  + "\r\n\r\n0\r\n\r\n"
                  + hidden)
              .getBytes(US_ASCII));
      try {
        do {
          assertThat(wire.read().status()).isIn(400, 405, 411, 413, 501);
        } while (!wire.isEnded());
      } catch (UncheckedIOException e) {
        assertThat(e).hasMessageContaining("closed");
      }
    }
    assertThat(repository.headManifest("victim").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5\r\nab\r\n0\r\n\r\n",
        "-1\r\nab\r\n0\r\n\r\n",
        "0x2\r\nab\r\n0\r\n\r\n",
        "2 \r\nabXX0\r\n\r\n",
        "ffffffffffffffff\r\nab\r\n0\r\n\r\n",
        "zz\r\nab\r\n0\r\n\r\n"
      })
  void chunk_malformed_neverStored(String body) {
    var blob = Content.of(Content.OCTET_STREAM, "ab");
    try (var wire = registry.connect()) {
      wire.send(
          "POST",
          repository.path("blobs/uploads/?digest=" + blob.digest()),
          "Transfer-Encoding: chunked",
          "Connection: close");
      wire.write(body.getBytes(US_ASCII));
      wire.endOutput();
      try {
        assertThat(wire.read().status()).isBetween(400, 499);
      } catch (UncheckedIOException e) {
        assertThat(e).hasMessageContaining("closed");
      }
    }
    assertThat(repository.headBlob(blob.digest()).statusCode()).isEqualTo(404);
  }
}
