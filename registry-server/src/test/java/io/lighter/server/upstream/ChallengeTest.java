package io.lighter.server.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChallengeTest {

  @Test
  void parse_quotedValuesWithCommas_keepsThemWhole() {
    assertThat(
            Challenge.parse(
                List.of(
                    "Bearer realm=\"https://auth.example/token\",service=\"a, b\",scope=\"repository:x:pull,push\"")))
        .containsExactly(
            new Challenge.Bearer(
                "https://auth.example/token",
                Optional.of("a, b"),
                Optional.of("repository:x:pull,push")));
  }

  @Test
  void parse_escapedQuote_isUnescaped() {
    assertThat(Challenge.parse(List.of("Bearer realm=\"r\", service=\"a \\\"b\\\" \\\\c\"")))
        .containsExactly(new Challenge.Bearer("r", Optional.of("a \"b\" \\c"), Optional.empty()));
  }

  @Test
  void parse_unquotedAndOddlySpaced_isUnderstood() {
    assertThat(Challenge.parse(List.of("bEaReR  Realm = https://a.example/t?x=1 ,service = s")))
        .containsExactly(
            new Challenge.Bearer("https://a.example/t?x=1", Optional.of("s"), Optional.empty()));
  }

  @Test
  void parse_severalChallenges_keepsTheirOrder() {
    assertThat(
            Challenge.parse(
                List.of("Negotiate, Basic realm=\"a\", Bearer realm=\"r\"", "Basic realm=\"b\"")))
        .containsExactly(
            new Challenge.Basic(),
            new Challenge.Bearer("r", Optional.empty(), Optional.empty()),
            new Challenge.Basic());
  }

  @Test
  void parse_bearerWithoutRealm_isLeftOut() {
    assertThat(Challenge.parse(List.of("Bearer service=\"s\""))).isEmpty();
  }

  @Test
  void parse_brokenText_ends() {
    assertThat(Challenge.parse(List.of("", ",,, =\"", "\"\"\"", "Bearer realm=\"never closed")))
        .containsExactly(new Challenge.Bearer("never closed", Optional.empty(), Optional.empty()));
  }
}
