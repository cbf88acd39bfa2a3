package io.lighter.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.server.upstream.SettableClock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokensTest {
  private static final Duration TTL = Duration.ofMinutes(5);
  private static final Scope SCOPE = Scope.parse(List.of("repository:a/b:pull,push"));

  private final SettableClock clock = new SettableClock();
  private final Tokens tokens = new Tokens(clock, TTL);

  @Test
  void verify_ownToken_saysWhatWasPutIn() {
    String token = tokens.issue("ann", SCOPE).token();

    Tokens.Verified verified = tokens.verify(token);
    assertThat(verified.user()).isEqualTo("ann");
    assertThat(verified.scope()).isEqualTo(SCOPE);
    assertThat(verified.until()).isEqualTo(clock.instant().plus(TTL));
  }

  @Test
  void verify_afterItsTime_isRefused() {
    String token = tokens.issue("ann", SCOPE).token();
    clock.advance(TTL.minusSeconds(1));
    assertThat(tokens.verify(token).user()).isEqualTo("ann");
    clock.advance(Duration.ofSeconds(1));

    assertThatThrownBy(() -> tokens.verify(token))
        .isInstanceOf(AccessException.InvalidToken.class)
        .hasMessage("the token has expired");
  }

  @Test
  void verify_keyWasReplaced_isGoodUntilItsEnd() {
    clock.advance(Duration.ofMinutes(59));
    String token = tokens.issue("ann", SCOPE).token();
    clock.advance(Duration.ofMinutes(2));
    String next = tokens.issue("bob", SCOPE).token();

    assertThat(tokens.verify(token).user()).isEqualTo("ann");
    assertThat(tokens.verify(next).user()).isEqualTo("bob");
    assertThat(token.split("\\.", -1)[0]).as("another key").isNotEqualTo(next.split("\\.", -1)[0]);
  }

  @Test
  void verify_ofAnotherProcess_orChanged_orWithoutSignature_isRefused() {
    String token = tokens.issue("ann", SCOPE).token();
    String others = new Tokens(clock, TTL).issue("ann", SCOPE).token();
    String[] parts = token.split("\\.", -1);
    String[] bobs = tokens.issue("bob", SCOPE).token().split("\\.", -1);
    String none = "eyJhbGciOiJub25lIn0." + parts[1] + '.';

    for (String bad : List.of(others, parts[0] + '.' + bobs[1] + '.' + parts[2], none, "x", "")) {
      assertThatThrownBy(() -> tokens.verify(bad))
          .as(bad)
          .isInstanceOf(AccessException.InvalidToken.class);
    }
  }
}
