package io.lighter.server.upstream;

import java.io.Serial;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why an upstream did not give what was asked for. Sealed, so that a new kind does not compile
 * until it is mapped to an answer. Messages name the upstream and the request and are fit for a
 * client: they hold no credentials and no signed address.
 */
public abstract sealed class UpstreamException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  UpstreamException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** The upstream does not have it. */
  public static final class NotFound extends UpstreamException {
    @Serial private static final long serialVersionUID = 1L;

    public NotFound(String message) {
      super(message, null);
    }
  }

  /** The upstream refuses, with the credentials that are configured for it or without any. */
  public static final class Denied extends UpstreamException {
    @Serial private static final long serialVersionUID = 1L;

    public Denied(String message) {
      super(message, null);
    }
  }

  /** The upstream has answered too many requests of ours. */
  public static final class RateLimited extends UpstreamException {
    @Serial private static final long serialVersionUID = 1L;

    private final @Nullable Duration retryAfter;

    public RateLimited(String message, Optional<Duration> retryAfter) {
      super(message, null);
      this.retryAfter = retryAfter.orElse(null);
    }

    /** How long the upstream wants to be left alone, if it said so. */
    public Optional<Duration> retryAfter() {
      return Optional.ofNullable(retryAfter);
    }
  }

  /** No answer, a broken one, or a server error: the same request may succeed later. */
  public static sealed class Unreachable extends UpstreamException {
    @Serial private static final long serialVersionUID = 1L;

    public Unreachable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** A server error: it can be reached, and does not work. */
  public static final class Failed extends Unreachable {
    @Serial private static final long serialVersionUID = 1L;

    public Failed(String message) {
      super(message, null);
    }
  }

  /** An answer that cannot be what was asked for: wrong digest, wrong length, not a manifest. */
  public static final class Invalid extends UpstreamException {
    @Serial private static final long serialVersionUID = 1L;

    public Invalid(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
