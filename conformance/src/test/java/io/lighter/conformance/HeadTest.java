package io.lighter.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HEAD: the headers of GET and never a body, also when it is an error. */
@ExtendWith(RegistryExtension.class)
class HeadTest {
  private final Registry registry;
  private final Repository repository;
  private final Content image;
  private final Content blob = Content.random(1234);

  HeadTest(Registry registry) {
    this.registry = registry;
    this.repository = registry.repository();
    this.image = repository.pushImage();
    repository.tag("latest", image);
    repository.push(blob);
  }

  @ParameterizedTest
  @ValueSource(strings = {"blobs/BLOB", "manifests/latest", "manifests/IMAGE"})
  void head_whatExists_headersOfGet(String tail) {
    try (var wire = registry.connect()) {
      var get = wire.send("GET", path(tail)).read();
      var head = wire.send("HEAD", path(tail)).readHead();
      assertThat(get.status()).isEqualTo(200);
      assertThat(head.status()).isEqualTo(200);
      for (String name :
          new String[] {
            "Content-Length", "Content-Type", "Docker-Content-Digest", "ETag", "Accept-Ranges"
          }) {
        assertThat(head.header(name)).as(name).isEqualTo(get.header(name));
      }
      assertThat(head.header("Content-Length")).isEqualTo("" + get.body().length);
      assertSane(wire);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "blobs/sha256:0000000000000000000000000000000000000000000000000000000000000000",
        "blobs/sha256:short",
        "manifests/missing",
        "manifests/.impossible",
        "manifests/sha256:0000000000000000000000000000000000000000000000000000000000000000",
        "nothing/here",
        "tags/list",
        "../x/manifests/latest"
      })
  void head_anyError_headersOfGetAndNoBody(String tail) {
    try (var wire = registry.connect()) {
      var get = wire.send("GET", path(tail)).read();
      var head = wire.send("HEAD", path(tail)).readHead();
      assertThat(head.status()).isEqualTo(get.status());
      assertThat(head.header("Content-Type")).isEqualTo(get.header("Content-Type"));
      // RFC 9110, section 8.6: it may be left out, and must not be another one.
      assertThat(head.header("Content-Length")).isIn(null, "", get.header("Content-Length"));
      assertSane(wire);
    }
  }

  @Test
  void head_missing_404() {
    assertThat(repository.headManifest("missing").statusCode()).isEqualTo(404);
    assertThat(repository.headBlob(Content.random(5).digest()).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Range: bytes=10-19",
        "Range: bytes=0-1,4-5",
        "Range: bytes=99999-",
        "If-None-Match: *",
        "If-Match: \"other\""
      })
  void head_conditional_noBody(String header) {
    for (String tail : new String[] {"blobs/BLOB", "manifests/latest"}) {
      try (var wire = registry.connect()) {
        wire.send("HEAD", path(tail), header).readHead();
        assertSane(wire);
      }
    }
  }

  /** What comes behind the headers is the next answer. */
  private static void assertSane(Wire wire) {
    var ping = wire.send("GET", "/v2/").read();
    assertThat(ping.status()).isEqualTo(200);
    assertThat(ping.text()).isEqualTo("{}");
  }

  private String path(String tail) {
    return repository.path(tail.replace("BLOB", blob.digest()).replace("IMAGE", image.digest()));
  }
}
