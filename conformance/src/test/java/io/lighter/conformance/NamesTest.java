package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertError;
import static io.lighter.conformance.ImageTest.assertPulled;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The grammar of repository names, their length, and words of the API as parts of a name. */
@ExtendWith(RegistryExtension.class)
class NamesTest {
  private final Registry registry;

  NamesTest(Registry registry) {
    this.registry = registry;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "0",
        "a.b",
        "a_b",
        "a__b",
        "a-b",
        "a---b",
        "a/b/c/d/e/f/g/h",
        "v2",
        "blobs",
        "manifests",
        "tags",
        "uploads",
        "referrers",
        "list",
        "tags/list",
        "blobs/uploads",
        "a/blobs/uploads",
        "x/manifests/y",
        "referrers/sha256",
        "manifests/latest"
      })
  void name_legal_pushedAndPulled(String name) {
    assertUsable(registry.repository(Registry.unique() + '/' + name));
    assertUsable(registry.repository(name + '/' + Registry.unique()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "A",
        "a/B",
        "-a",
        "a-",
        ".a",
        "a.",
        "_a",
        "a_",
        "a..b",
        "a._b",
        "a-_b",
        "a___b",
        "a//b",
        "a/",
        "/a",
        "a/./b",
        "a/-/b",
        "a+b",
        "a@b",
        "a%20b",
        "%61%2Fb",
        "%C3%A9",
        "%EF%BC%A1",
        "~a",
        "a*"
      })
  void name_illegal_refused(String name) {
    var blob = Content.random(10);
    try (var wire = registry.connect()) {
      String prefix = "/v2/" + Registry.unique() + '/' + name;
      for (String target :
          new String[] {
            prefix + "/blobs/uploads/", prefix + "/blobs/uploads/?digest=" + blob.digest()
          }) {
        var answer = wire.sendBody("POST", target, blob.bytes()).read();
        assertThat(answer.status()).as(target).isIn(400, 404);
        assertThat(answer.text()).as(target).contains("\"errors\"");
      }
      for (String tail :
          new String[] {"/tags/list", "/manifests/latest", "/blobs/" + blob.digest()}) {
        assertThat(wire.send("GET", prefix + tail).read().status()).as(tail).isIn(400, 404);
      }
    }
  }

  @Test
  void name_illegal_saidSo() {
    assertError(registry.repository("a___b").post(""), 400, "NAME_INVALID");
    assertError(registry.repository("UPPER/case").post(""), 400, "NAME_INVALID");
  }

  /** Host, slash and name together may have 255 characters. */
  @Test
  void length_upToLimit_pushedAndPulled() {
    String unique = Registry.unique();
    assertUsable(registry.repository(unique + '/' + "n".repeat(220 - unique.length())));
    assertUsable(registry.repository(unique + "/n".repeat((220 - unique.length()) / 2)));
  }

  @ParameterizedTest
  @ValueSource(ints = {256, 1000, 5000})
  void length_beyondLimit_refused(int length) {
    var repository = registry.repository("n".repeat(length));
    assertError(repository.post(""), 400, "NAME_INVALID");
    assertThat(repository.headManifest("latest").statusCode()).isIn(400, 404);
  }

  private static void assertUsable(Repository repository) {
    var image = repository.pushImage();
    repository.tag("uploads", image);
    assertPulled(repository.manifest("uploads"), image, image.digest());
    assertThat(repository.tags()).containsExactly("uploads");
    assertThat(repository.tags("").jsonPath().getString("name")).isEqualTo(repository.name());
    var blob = Content.random(20);
    repository.push(blob);
    assertThat(repository.blob(blob.digest()).asByteArray()).isEqualTo(blob.bytes());
    assertThat(repository.deleteBlob(blob.digest()).statusCode()).isEqualTo(202);
  }
}
