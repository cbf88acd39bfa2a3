package io.lighter.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepositoryNameTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "0",
        "a/b",
        "library/debian",
        "a.b",
        "a_b",
        "a__b",
        "a-b",
        "a---b",
        "docker.io/a/b",
        "blobs/uploads",
        "a/manifests/b"
      })
  void parse_wellFormed(String text) {
    assertThat(RepositoryName.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "a/",
        "/a",
        "a//b",
        "A",
        "a/B",
        ".a",
        "a.",
        "a..b",
        "a._b",
        "a___b",
        "-a",
        "a-",
        "..",
        "a/../b",
        "a b",
        "a%2fb",
        "h:5000/a",
        "a:b",
        "é",
        "a\u0000b",
        "a\nb",
        "a/b\n"
      })
  void parse_malformed_isRefused(String text) {
    assertThat(RepositoryName.tryParse(text)).isEmpty();
    assertThatThrownBy(() -> RepositoryName.parse(text))
        .isInstanceOfSatisfying(
            InvalidReferenceException.class,
            refused -> assertThat(refused.code()).isEqualTo(OciErrorCode.NAME_INVALID));
  }

  @Test
  void parse_length_upTo255() {
    assertThat(RepositoryName.tryParse("a".repeat(255))).isPresent();
    assertThat(RepositoryName.tryParse("a".repeat(256))).isEmpty();
  }

  @Test
  void mirrored_mayHaveAPortInFront() {
    assertThat(RepositoryName.mirrored("registry:5000", RepositoryName.parse("a/b")))
        .hasToString("registry:5000/a/b");
  }
}
