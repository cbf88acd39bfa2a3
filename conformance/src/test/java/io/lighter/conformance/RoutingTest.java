package io.lighter.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Paths as they stand in the request line: dot segments and encoded separators never lead into
 * another repository, wrong methods name the right ones, and what is no endpoint says so.
 */
@ExtendWith(RegistryExtension.class)
class RoutingTest {
  private final Registry registry;
  private final Repository repository;
  private final Content image;

  RoutingTest(Registry registry) {
    this.registry = registry;
    this.repository = registry.repository();
    this.image = repository.pushImage();
    repository.tag("latest", image);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x/../NAME",
        "../v2/NAME",
        "./NAME",
        "NAME/.",
        "NAME/x/..",
        "/NAME",
        "NAME/",
        "x/%2e%2e/NAME",
        "x/%2E%2E/NAME",
        "x/.%2e/NAME",
        "x%2F..%2FNAME",
        "x%2f%2e%2e%2fNAME",
        "x%252F..%252FNAME",
        "x/%252e%252e/NAME",
        "%2FNAME",
        "NAME%2F",
        "NAME%00",
        "NAME%00/x",
        "x\\..\\NAME",
        "x%5C..%5CNAME",
        "NAME;a=b",
        "NAME%3Ba=b",
        "NAME%20",
        "NAME%0a",
        "NAME%09",
        "x/%c0%ae%c0%ae/NAME",
        "x/%EF%BC%8E%EF%BC%8E/NAME",
        "x/%u002e%u002e/NAME"
      })
  void path_disguisedName_leadsNowhere(String disguise) {
    String name = disguise.replace("NAME", repository.name());
    for (String tail : List.of("manifests/latest", "manifests/" + image.digest(), "tags/list")) {
      try (var wire = registry.connect()) {
        var answer = wire.send("GET", "/v2/" + name + '/' + tail).read();
        assertThat(answer.status()).as(tail).isIn(400, 404);
        assertThat(answer.body()).isNotEqualTo(image.bytes());
      }
    }
  }

  @Test
  void path_slashOfNameEncoded_isNoSlash() {
    String encoded = repository.name().replace("/", "%2F");
    try (var wire = registry.connect()) {
      assertThat(wire.send("GET", "/v2/" + encoded + "/manifests/latest").read().status())
          .isIn(400, 404);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../../../../etc/passwd",
        "/v2/../../../../etc/passwd",
        "/v2/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/v2/x/blobs/../../../../../etc/passwd",
        "/v2/x/blobs/sha256:../../../../../../etc/passwd",
        "/v2/x/blobs/sha256:..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/v2/x/manifests/..%2f..%2f..%2fetc%2fpasswd",
        "/v2/x/blobs/uploads/..%2f..%2f..%2fetc%2fpasswd",
        "/v2/x/blobs/uploads/../../../../etc/passwd"
      })
  void path_intoFileSystem_leadsNowhere(String path) {
    try (var wire = registry.connect()) {
      var answer = wire.send("GET", path).read();
      assertThat(answer.status()).isIn(400, 404);
      assertThat(answer.text()).doesNotContain("root:");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/, 'POST PUT PATCH DELETE BREW', 'GET HEAD'",
    "/v2/NAME/tags/list, 'POST PUT PATCH DELETE BREW', 'GET'",
    "/v2/NAME/manifests/latest, 'POST PATCH BREW', 'GET HEAD PUT DELETE'",
    "/v2/NAME/blobs/DIGEST, 'POST PUT PATCH BREW', 'GET HEAD DELETE'",
    "/v2/NAME/blobs/uploads/, 'GET HEAD PUT PATCH DELETE BREW', 'POST'",
    "/v2/NAME/referrers/DIGEST, 'POST PUT PATCH DELETE BREW', 'GET'",
    "/v2/_catalog, 'POST PUT PATCH DELETE BREW', 'GET'"
  })
  void method_ofAnotherEndpoint_405NamesAllowed(String template, String wrong, String allowed) {
    String path = template.replace("NAME", repository.name()).replace("DIGEST", image.digest());
    try (var wire = registry.connect()) {
      for (String method : wrong.split(" ", -1)) {
        boolean head = method.equals("HEAD");
        wire.sendBody(method, path, new byte[0]);
        var answer = head ? wire.readHead() : wire.read();
        assertThat(answer.status()).as(method).isEqualTo(405);
        assertThat(answer.header("Allow").split(", *", -1)).contains(allowed.split(" ", -1));
        if (!head) {
          assertThat(answer.text()).contains("UNSUPPORTED");
        }
      }
    }
    assertThat(repository.headManifest("latest").statusCode()).isEqualTo(200);
  }

  @Test
  void method_ofUpload_405NamesAllowed() {
    var upload = repository.upload();
    try (var wire = registry.connect()) {
      var answer = wire.sendBody("POST", upload.location(), new byte[0]).read();
      assertThat(answer.status()).isEqualTo(405);
      assertThat(answer.header("Allow").split(", *", -1)).contains("GET", "PATCH", "PUT", "DELETE");
    }
    assertThat(upload.state().statusCode()).isEqualTo(204);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/v1/",
        "/v2x",
        "/V2/",
        "/favicon.ico",
        "/v2/NAME",
        "/v2/NAME/",
        "/v2/NAME/tags",
        "/v2/NAME/tags/",
        "/v2/NAME/tags/other",
        "/v2/NAME/blobs",
        "/v2/NAME/manifests",
        "/v2/NAME/things/latest",
        "/v2/manifests/latest",
        "/v2//manifests/latest",
        "/v2/_catalog/x"
      })
  void path_ofNoEndpoint_404InJson(String template) {
    try (var wire = registry.connect()) {
      var answer = wire.send("GET", template.replace("NAME", repository.name())).read();
      assertThat(answer.status()).isIn(400, 404);
      assertThat(answer.header("Content-Type")).startsWith("application/json");
      assertThat(answer.text()).contains("\"errors\"").contains("\"code\"");
      assertThat(wire.send("GET", "/v2/").read().status()).as("same connection").isEqualTo(200);
    }
  }

  @Test
  void target_absoluteForm_answered() {
    try (var wire = registry.connect()) {
      String path = "http://" + wire.host() + repository.path("manifests/latest");
      assertThat(wire.send("GET", path).read().body()).isEqualTo(image.bytes());
    }
  }

  @Test
  void location_forwardedHeadersOfStranger_staysOnThisHost() {
    try (var wire = registry.connect()) {
      var answer =
          wire.sendBody(
                  "POST",
                  repository.path("blobs/uploads/"),
                  new byte[0],
                  "X-Forwarded-Host: elsewhere.example",
                  "X-Forwarded-Proto: https",
                  "Forwarded: host=elsewhere.example;proto=https")
              .read();
      assertThat(answer.status()).isEqualTo(202);
      assertThat(answer.header("Location")).startsWith("/v2/");
    }
  }
}
