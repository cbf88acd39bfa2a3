package io.lighter.server.limit;

import java.time.Duration;

/** Somebody is told to come back later. Without a stack: it is made by the thousand. */
public abstract sealed class LimitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Duration retryAfter;

  LimitException(String message, Duration retryAfter) {
    super(message, null, false, false);
    this.retryAfter = retryAfter;
  }

  /** When to come back. */
  public Duration retryAfter() {
    return retryAfter;
  }

  /** He, or his namespace, has asked for more than its share. */
  public static final class ShareUsed extends LimitException {
    private static final long serialVersionUID = 1L;

    /** The message is for clients: it says which share of what. */
    public ShareUsed(String message, Duration retryAfter) {
      super(message, retryAfter);
    }
  }

  /** All together ask for more than can be done. */
  public static final class Overloaded extends LimitException {
    private static final long serialVersionUID = 1L;

    /** The message is for clients. */
    public Overloaded(String message) {
      super(message, Duration.ofSeconds(1));
    }
  }
}
