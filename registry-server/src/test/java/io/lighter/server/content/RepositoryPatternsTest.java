package io.lighter.server.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.RepositoryName;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RepositoryPatternsTest {

  @ParameterizedTest
  @CsvSource({
    "**, a/b/c, true",
    "a/*, a/b, true",
    "a/*, a/b/c, false",
    "a/**, a/b/c, true",
    "a/**, ab, false",
    "a*/c, abc/c, true",
    "a.b, axb, false",
    "a.b, a.b, true",
    "*/app, team/app, true",
    "*, a/b, false"
  })
  void contains_pattern(String glob, String name, boolean expected) {
    assertThat(new RepositoryPatterns(List.of(glob)).contains(RepositoryName.parse(name)))
        .isEqualTo(expected);
  }

  @Test
  void contains_anyOfSeveral() {
    var patterns = new RepositoryPatterns(List.of("a", "b/*"));
    assertThat(patterns.contains(RepositoryName.parse("b/c"))).isTrue();
    assertThat(patterns.contains(RepositoryName.parse("c"))).isFalse();
  }

  @Test
  void new_regularExpression_isRefused() {
    assertThatThrownBy(() -> new RepositoryPatterns(List.of("(a|b)")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("(a|b)");
  }
}
