package io.lighter.server.access;

import com.password4j.Argon2Function;
import com.password4j.BcryptFunction;

/** What is stored of a password. Printing it says nothing. */
final class PasswordHash {
  static final String ALLOWED =
      "bcrypt ($2a$, $2b$, $2y$) or argon2 ($argon2id$, $argon2i$, $argon2d$)";

  private static final int MIN_ROUNDS = 4;
  private static final int MAX_ROUNDS = 16;

  /**
   * Of 32 random bytes that were not kept. Made once, because making it takes as long as a login.
   */
  private static final String DECOY =
      "$2b$10$PK7OGbtvlqOCZ.R.dWO8PuI5QezYygXwSVkghHtPBd7rPN/Ubi0LC";

  private final String text;
  private final Check check;

  private interface Check {
    boolean matches(String password);
  }

  private PasswordHash(String text, Check check) {
    this.text = text;
    this.check = check;
  }

  /**
   * Reads a hash.
   *
   * @throws IllegalArgumentException if it is not of a kind that is allowed
   */
  static PasswordHash parse(String text) {
    if (text.matches("\\$2[aby]\\$[0-9]{2}\\$[./A-Za-z0-9]{53}")) {
      int rounds = Integer.parseInt(text.substring(4, 6));
      if (rounds >= MIN_ROUNDS && rounds <= MAX_ROUNDS) {
        BcryptFunction function = BcryptFunction.getInstanceFromHash(text);
        return new PasswordHash(text, password -> function.check(password, text));
      }
      throw new IllegalArgumentException(
          "a bcrypt cost of %d; allowed are %d to %d".formatted(rounds, MIN_ROUNDS, MAX_ROUNDS));
    }
    if (text.matches("\\$argon2(id|i|d)\\$.+")) {
      try {
        Argon2Function function = Argon2Function.getInstanceFromHash(text);
        return new PasswordHash(text, password -> function.check(password, text));
      } catch (RuntimeException e) {
        throw new IllegalArgumentException("an argon2 hash that cannot be read", e);
      }
    }
    throw new IllegalArgumentException("a hash of another kind; allowed are " + ALLOWED);
  }

  /** A hash for where there is none, so that a wrong name takes as long as a wrong password. */
  static PasswordHash decoy() {
    return parse(DECOY);
  }

  /** Compares; takes tens of milliseconds on purpose. */
  boolean matches(String password) {
    return check.matches(password);
  }

  boolean sameAs(PasswordHash other) {
    return text.equals(other.text);
  }
}
