package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.server.config.DataSize;
import java.net.http.HttpHeaders;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code http.maxBlobSize}. */
class BlobSizeLimitTest {
  private static final int LIMIT = 100;

  @TempDir private Path data;
  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start(data, TestServer.generous(new DataSize(LIMIT)), 1000);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void blob_ofTheLimit_created() {
    byte[] content = "x".repeat(LIMIT).getBytes(UTF_8);
    server.pushBlob("app", Digest.ofSha256(content), content);

    var patched = server.patch(begin(), content);
    assertThat(patched.statusCode()).isEqualTo(202);
    assertThat(patched.headers().firstValue("Range")).contains("0-99");
  }

  /** Whoever waits to be asked for the body is told before it. */
  @ParameterizedTest
  @CsvSource({
    "Content-Length: 101",
    "Content-Length: 9223372036854775807",
    "Content-Length: 101|Content-Range: 0-100",
    "Transfer-Encoding: chunked|Content-Range: 0-100",
  })
  void patch_lengthKnown_refusedBeforeTheBody(String headers) {
    assertRefusedBeforeTheBody("PATCH " + begin(), headers.replace("|", "\r\n"));
  }

  @Test
  void post_lengthKnown_refusedBeforeTheBodyAndNoUploadIsLeft() {
    assertRefusedBeforeTheBody(
        "POST /v2/app/blobs/uploads/?digest=" + Digest.ofSha256(new byte[101]),
        "Content-Length: 101");

    assertThat(server.metric("lighter_uploads")).isZero();
  }

  @ParameterizedTest
  @CsvSource({"PATCH, ''", "PUT, '&digest=DIGEST'"})
  void chunk_beyondTheLimit_refusedAndTheUploadGoesOn(String method, String query) {
    String begun = "x".repeat(60);
    String rest = "y".repeat(40);
    byte[] whole = (begun + rest).getBytes(UTF_8);
    String digest = Digest.ofSha256(whole).toString();
    String location = location(server.patch(begin(), begun.getBytes(UTF_8)).headers());

    String target = location + query.replace("DIGEST", digest);
    assertRefusedBeforeTheBody(method + ' ' + target, "Content-Length: 41");
    try (var wire = Wire.connect(server.port())) {
      // Its length is not known before it is here.
      wire.send(
          method + ' ' + target + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      wire.send("28\r\n" + rest + "\r\n1\r\nz\r\n0\r\n\r\n");
      var reply = wire.read();
      assertThat(reply.status()).isEqualTo(413);
      assertThat(reply.body()).contains("SIZE_INVALID", "at most 100 bytes");
    }

    assertThat(server.get(location).headers().firstValue("Range")).contains("0-59");
    assertThat(server.put(location + "&digest=" + digest, rest.getBytes(UTF_8)).statusCode())
        .isEqualTo(201);
    assertThat(server.get("/v2/app/blobs/" + digest).body()).isEqualTo(whole);
  }

  private void assertRefusedBeforeTheBody(String request, String headers) {
    try (var wire = Wire.connect(server.port())) {
      wire.send(
          "%s HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n%s\r\n\r\n"
              .formatted(request, headers));
      var reply = wire.read();
      assertThat(reply.status()).isEqualTo(413);
      assertThat(reply.body()).contains("SIZE_INVALID", "at most 100 bytes");
    }
  }

  private String begin() {
    return location(server.post("/v2/app/blobs/uploads/", new byte[0]).headers());
  }

  private static String location(HttpHeaders headers) {
    return headers.firstValue("Location").orElseThrow();
  }
}
