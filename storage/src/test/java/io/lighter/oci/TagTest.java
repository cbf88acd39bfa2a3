package io.lighter.oci;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TagTest {

  @ParameterizedTest
  @ValueSource(strings = {"a", "_", "1", "latest", "1.2.3-rc.1", "A_b", "sha256-abc"})
  void tryParse_wellFormed(String text) {
    assertThat(Tag.tryParse(text)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".a", "-a", "a b", "a:b", "a/b", "a+b", "é", "a\n"})
  void tryParse_malformed_isEmpty(String text) {
    assertThat(Tag.tryParse(text)).isEmpty();
  }

  @Test
  void tryParse_length_upTo128() {
    assertThat(Tag.tryParse("a".repeat(128))).isPresent();
    assertThat(Tag.tryParse("a".repeat(129))).isEmpty();
  }
}
