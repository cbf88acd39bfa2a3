package io.lighter.server.access;

import java.time.Duration;

/** Somebody is not let in. */
public abstract sealed class AccessException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private AccessException(String message) {
    super(message, null, false, false);
  }

  /** The account or the password is wrong; nobody is told which. */
  public static final class WrongCredentials extends AccessException {
    private static final long serialVersionUID = 1L;

    WrongCredentials() {
      super("the user name or the password is wrong");
    }
  }

  /** A token's issuer cannot be asked for his keys. */
  public static final class IssuerAway extends AccessException {
    private static final long serialVersionUID = 1L;

    IssuerAway(String issuer) {
      super("the keys of %s cannot be had".formatted(issuer));
    }
  }

  /** A token that is not, or no longer, good. */
  public static final class InvalidToken extends AccessException {
    private static final long serialVersionUID = 1L;

    InvalidToken(String why) {
      super("the token " + why);
    }
  }

  /** Too many wrong passwords, or too many checks at once. */
  public static final class Later extends AccessException {
    private static final long serialVersionUID = 1L;

    private final transient Duration wait;

    Later(Duration wait) {
      super("too many attempts to log in");
      this.wait = wait;
    }

    /** How long to wait. */
    public Duration retryAfter() {
      return wait;
    }
  }
}
