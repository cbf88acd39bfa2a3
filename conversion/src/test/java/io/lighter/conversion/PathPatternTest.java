package io.lighter.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathPatternTest {

  @ParameterizedTest
  @CsvSource({
    "usr/bin/*, usr/bin/env",
    "usr/bin/*, usr/bin/",
    "usr/*/env, usr/bin/env",
    "*, a",
    "a?c, abc",
    "a[bc]d, acd",
    "a[b-d]e, ace",
    "a[!b]c, axc",
    "a?c, a🐳c",
    "a[🐎-🐳]c, a🐬c",
    "🐳?🐳*, 🐳a🐳",
    "a\\🐳, a🐳",
    "a[^b]c, axc",
    "a[]]b, a]b",
    "a[b-]c, a-c",
    "**, a/b/c",
    "a/**, a/b/c",
    "**/x, x",
    "**/x, a/b/x",
    "a/**/x, a/x",
    "a/**/x, a/b/c/x",
    "**/**/x, a/x",
    "a**c, a/b/c",
    "usr/bin/[, usr/bin/[",
    "a[b, a[b",
    "a\\*, a*",
    "a\\, a\\",
    "lib*.so.?, libc.so.6",
    "**/*.py, site.py",
    "**/*.py, usr/lib/python3/site.py",
    "x*x*x*x, xaxxbx",
  })
  void matches_pathThatFits_isTrue(String pattern, String path) {
    assertThat(new PathPattern(pattern).matches(path, steps())).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "usr/bin/*, usr/bin/a/b",
    "usr/bin/*, usr/sbin/env",
    "*, a/b",
    "a?c, a/c",
    "a?c, ac",
    "a[bc]d, abcd",
    "a[!b]c, abc",
    "a??c, a🐳c",
    "a[!🐳]c, a🐳c",
    "a[🐎-🐳]c, a🐴c",
    "a[!b]c, a/c",
    "a[b/c]d, abd",
    "**/x, ax",
    "**/x, a/bx",
    "a/**/x, ax",
    "a/**/x, a/bx",
    "a/**, a",
    "a\\*, ab",
    "lib*.so.?, libc.so.66",
    "**/*.py, site.pyc",
  })
  void matches_pathThatDoesNotFit_isFalse(String pattern, String path) {
    assertThat(new PathPattern(pattern).matches(path, steps())).isFalse();
  }

  @ParameterizedTest
  @Timeout(10)
  @CsvSource({"*a, 2000, b, a, 4000", "**/, 1300, b, a/, 2000", "**/*a, 800, b, aa/, 1300"})
  void matches_patternMadeToBeSlow_takesNoMoreStepsThanTheProductOfTheLengths(
      String part, int parts, String end, String component, int components) {
    String pattern = part.repeat(parts) + end;
    String path = component.repeat(components);
    var steps = new PatternSteps((long) pattern.length() * path.length());

    assertThat(new PathPattern(pattern).matches(path, steps)).isFalse();
  }

  @Test
  void matches_moreStepsThanAllowed_fails() {
    var pattern = new PathPattern("**/*a");
    var few = new PatternSteps(100);
    assertThat(pattern.matches("a/".repeat(10) + "a", few)).isTrue();

    assertThatThrownBy(() -> pattern.matches("a/".repeat(10) + "a", few))
        .isInstanceOf(LayerTooLargeException.class)
        .hasMessageContaining("the patterns of the prefetch list take more than 100 steps");
    assertThat(new PathPattern("usr/**").matches("a", few)).isFalse();
  }

  private static PatternSteps steps() {
    return new PatternSteps(Long.MAX_VALUE);
  }
}
