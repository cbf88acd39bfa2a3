package io.lighter.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.server.upstream.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TokensTest {
  private static final Duration TTL = Duration.ofMinutes(5);
  private static final Scope SCOPE = Scope.parse(List.of("repository:a/b:pull,push"));

  private final SettableClock clock = new SettableClock();
  private final Tokens tokens = new Tokens(clock, TTL);

  @Test
  void verify_ownToken_saysWhatWasPutIn() {
    String token = tokens.issue("ann", Set.of(), SCOPE, Instant.MAX).token();

    Tokens.Verified verified = tokens.verify(token);
    assertThat(verified.user()).isEqualTo("ann");
    assertThat(verified.scope()).isEqualTo(SCOPE);
    assertThat(verified.until()).isEqualTo(clock.instant().plus(TTL));
  }

  @Test
  void issue_groupsAndAnEndBefore_areInTheToken() {
    Instant end = clock.instant().plusSeconds(20);
    Tokens.Issued issued = tokens.issue("cluster:ann", Set.of("cluster:admins"), SCOPE, end);

    assertThat(issued.ttl()).isEqualTo(Duration.ofSeconds(20));
    Tokens.Verified verified = tokens.verify(issued.token());
    assertThat(verified.groups()).containsExactly("cluster:admins");
    assertThat(verified.until()).isEqualTo(end);
  }

  @Test
  void verify_afterItsTime_isRefused() {
    String token = tokens.issue("ann", Set.of(), SCOPE, Instant.MAX).token();
    clock.advance(TTL.minusSeconds(1));
    assertThat(tokens.verify(token).user()).isEqualTo("ann");
    clock.advance(Duration.ofSeconds(1));

    assertThatThrownBy(() -> tokens.verify(token))
        .isInstanceOf(AccessException.InvalidToken.class)
        .hasMessage("the token has expired");
  }

  @Test
  void verify_keyWasReplaced_isGoodUntilItsEnd() {
    tokens.issue("ann", Set.of(), SCOPE, Instant.MAX);
    clock.advance(Duration.ofMinutes(59));
    String token = tokens.issue("ann", Set.of(), SCOPE, Instant.MAX).token();
    clock.advance(Duration.ofMinutes(2));
    String next = tokens.issue("bob", Set.of(), SCOPE, Instant.MAX).token();

    assertThat(tokens.verify(token).user()).isEqualTo("ann");
    assertThat(tokens.verify(next).user()).isEqualTo("bob");
    assertThat(token.split("\\.", -1)[0]).as("another key").isNotEqualTo(next.split("\\.", -1)[0]);
  }

  @Test
  void verify_ofAnotherProcess_orChanged_orWithoutSignature_isRefused() {
    String token = tokens.issue("ann", Set.of(), SCOPE, Instant.MAX).token();
    String others = new Tokens(clock, TTL).issue("ann", Set.of(), SCOPE, Instant.MAX).token();
    String[] parts = token.split("\\.", -1);
    String[] bobs = tokens.issue("bob", Set.of(), SCOPE, Instant.MAX).token().split("\\.", -1);
    String none = "eyJhbGciOiJub25lIn0." + parts[1] + '.';

    for (String bad : List.of(others, parts[0] + '.' + bobs[1] + '.' + parts[2], none, "x", "")) {
      assertThatThrownBy(() -> tokens.verify(bad))
          .as(bad)
          .isInstanceOf(AccessException.InvalidToken.class);
    }
  }
}
