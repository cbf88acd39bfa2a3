package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Paths that are one thing to a reader that decodes or shortens them, and another to one that does
 * not. None may lead into a repository, or to a file.
 */
class PathEscapeTest {
  @TempDir private static Path directory;
  private static final byte[] SECRET = "secret".getBytes(UTF_8);
  private static final Digest DIGEST = Digest.ofSha256(SECRET);
  private static TestServer server;

  @BeforeAll
  static void start() throws java.io.IOException {
    Files.write(directory.resolve("passwd"), SECRET);
    server = TestServer.start(directory.resolve("data"), TestServer.generous(), 1000);
    server.pushBlob("secret/app", DIGEST, SECRET);
    assertThat(server.get("/v2/secret/app/blobs/" + DIGEST).body()).isEqualTo(SECRET);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/open/../secret/app/blobs/",
        "/v2/open/%2e%2e/secret/app/blobs/",
        "/v2/open/%2E%2E/secret/app/blobs/",
        "/v2/open/.%2e/secret/app/blobs/",
        "/v2/open/%252e%252e/secret/app/blobs/",
        "/v2/open/..%2fsecret/app/blobs/",
        "/v2/open/..%5csecret/app/blobs/",
        "/v2/open/..\\secret/app/blobs/",
        "/v2/secret%2Fapp/blobs/",
        "/v2/secret%2fapp/blobs/",
        "/v2/secret%252Fapp/blobs/",
        "/v2/secret//app/blobs/",
        "/v2//secret/app/blobs/",
        "//v2/secret/app/blobs/",
        "/v2/./secret/app/blobs/",
        "/v2/secret/./app/blobs/",
        "/v2/secret/app/./blobs/",
        "/v2/secret/app//blobs/",
        "/v2/secret/app/blobs//",
        "/v2/secret/app;x=y/blobs/",
        "/v2/secret;/app/blobs/",
        "/v2;x/secret/app/blobs/",
        "/v2/secret/app%00/blobs/",
        "/v2/secret/app%20/blobs/",
        "/v2/secret/app%0a/blobs/",
        "/v2/secret/app\u0001/blobs/",
        "/v2/secret/app\t/blobs/",
        "/v2/SECRET/app/blobs/",
        "/v2/secret/%61pp/blobs/",
        "/v2/secret/\u00e0pp/blobs/",
        "/v2/secret/%c0%af/app/blobs/",
        "/v2/secret\u00ff/app/blobs/",
        "/v2/secret/app/%62lobs/",
        "/%76%32/secret/app/blobs/",
        "/V2/secret/app/blobs/",
        "/v2/secret/app/blobs/uploads/../",
        "/v2/secret/app/blobs/%2e/",
        "http://x/v2/open/../secret/app/blobs/",
      })
  void path_thatIsNotTheRepositorys_leadsNowhere(String path) {
    for (String method : new String[] {"GET", "DELETE", "PUT", "POST"}) {
      try (var wire = Wire.connect(server.port())) {
        wire.send(
            "%s %s%s HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                .formatted(method, path, DIGEST));

        assertThat(wire.readAll())
            .as(method)
            .singleElement()
            .satisfies(reply -> {
              assertThat(reply.status()).isIn(400, 404, 405);
              assertThat(reply.body()).doesNotContain("secret\n").isNotEqualTo("secret");
            });
      }
    }
    assertThat(server.get("/v2/secret/app/blobs/" + DIGEST).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/secret/app/blobs/sha256:../../../../../passwd",
        "/v2/secret/app/blobs/sha256:..%2f..%2f..%2fpasswd",
        "/v2/secret/app/blobs/../../../../passwd",
        "/v2/secret/app/blobs/..%2f..%2f..%2f..%2fpasswd",
        "/v2/secret/app/manifests/../../../../passwd",
        "/v2/secret/app/manifests/..%2f..%2f..%2fpasswd",
        "/v2/secret/app/manifests/%2e%2e",
        "/v2/secret/app/blobs/uploads/..%2f..%2fpasswd",
        "/v2/secret/app/blobs/uploads/../../../passwd",
        "/v2/../passwd",
        "/../passwd",
        "/passwd",
        "/v2/secret/app/tags/../../../passwd",
      })
  void path_towardsAFile_leadsNowhere(String path) {
    try (var wire = Wire.connect(server.port())) {
      var reply = wire.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").read();

      assertThat(reply.status()).isIn(400, 404, 405);
      assertThat(reply.body()).isNotEqualTo("secret");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "from=../secret/app",
        "from=secret%2Fapp%00",
        "from=secret/app/../app",
        "from=SECRET/APP",
        "from=secret/app;",
        "from=%2e%2e/secret/app",
      })
  void mount_fromANameThatIsNone_isNoMount(String from) {
    var answer =
        server.post("/v2/open/app/blobs/uploads/?mount=" + DIGEST + "&" + from, new byte[0]);

    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(server.get("/v2/open/app/blobs/" + DIGEST).statusCode()).isEqualTo(404);
  }
}
