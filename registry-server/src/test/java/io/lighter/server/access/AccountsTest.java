package io.lighter.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.password4j.Argon2Function;
import com.password4j.BcryptFunction;
import com.password4j.types.Argon2;
import com.password4j.types.Bcrypt;
import io.lighter.server.upstream.SettableClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AccountsTest {
  private static final String BCRYPT =
      BcryptFunction.getInstance(Bcrypt.Y, 4).hash("right").getResult();

  @Test
  void parse_bcryptAndArgon2_matchTheirPasswordsAlone() {
    String argon2 = Argon2Function.getInstance(1024, 2, 1, 32, Argon2.ID).hash("right").getResult();
    Accounts accounts = accounts("# people\n\nann:" + BCRYPT + "\nbob:" + argon2 + "\n");

    for (String user : new String[] {"ann", "bob"}) {
      PasswordHash hash = accounts.hash(user).orElseThrow();
      assertThat(hash.matches("right")).as(user).isTrue();
      assertThat(hash.matches("wrong")).as(user).isFalse();
      assertThat(hash.matches("")).as(user).isFalse();
    }
    assertThat(accounts.hash("eve")).isEmpty();
  }

  @Test
  void decoy_nobodyHasAnAccount_canBeComparedWith() {
    assertThat(accounts("").decoy().matches("right")).isFalse();
  }

  @Test
  void parse_hashOfApache_matches() {
    // Made by htpasswd -nbB of Apache 2.4.
    Accounts accounts =
        accounts("myName:$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC");

    assertThat(accounts.hash("myName").orElseThrow().matches("myPassword")).isTrue();
  }

  @Test
  void parse_otherKinds_areRefusedByLineWithoutTellingThem() {
    for (String bad : new String[] {"ann:secret", "ann:{SHA}x", "ann:$apr1$a$b", "ann", ":x"}) {
      assertThatThrownBy(() -> accounts("# people\n" + bad))
          .as(bad)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("line 2 ")
          .hasMessageNotContainingAny("secret", "{SHA}");
    }
    assertThatThrownBy(() -> accounts("anonymous:" + BCRYPT))
        .hasMessage("line 1: \"anonymous\" means others in rules; choose another name");
  }

  @Test
  void check_wrongFiveTimes_waitsLongerEachTime() {
    var clock = new SettableClock();
    var logins = new Logins(accounts("ann:" + BCRYPT), clock);
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(() -> logins.check("ann", "wrong", "10.0.0.1"))
          .isInstanceOf(AccessException.WrongCredentials.class);
    }
    assertThatThrownBy(() -> logins.check("ann", "right", "10.0.0.1"))
        .isInstanceOfSatisfying(
            AccessException.Later.class,
            later -> assertThat(later.retryAfter()).isEqualTo(Duration.ofSeconds(1)));
    logins.check("ann", "right", "10.0.0.2");

    clock.advance(Duration.ofSeconds(1));
    assertThatThrownBy(() -> logins.check("ann", "wrong", "10.0.0.1"))
        .isInstanceOf(AccessException.WrongCredentials.class);
    assertThatThrownBy(() -> logins.check("ann", "guess", "10.0.0.1"))
        .isInstanceOfSatisfying(
            AccessException.Later.class,
            later -> assertThat(later.retryAfter()).isEqualTo(Duration.ofSeconds(2)));
  }

  @Test
  void check_remembered_endsWithTheHash() {
    var logins = new Logins(accounts("ann:" + BCRYPT), new SettableClock());
    logins.check("ann", "right", "10.0.0.1");
    String other = BcryptFunction.getInstance(Bcrypt.Y, 4).hash("new").getResult();
    logins.replace(accounts("ann:" + other));

    assertThatThrownBy(() -> logins.check("ann", "right", "10.0.0.1"))
        .isInstanceOf(AccessException.WrongCredentials.class);
    logins.check("ann", "new", "10.0.0.1");
  }

  private static Accounts accounts(String text) {
    return Accounts.parse(text.getBytes(UTF_8));
  }
}
