package io.lighter.server.admin;

import org.jspecify.annotations.Nullable;

/** Why an operation of the admin API is not done, on the server's side or on the caller's. */
public abstract sealed class AdminException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  AdminException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** The request makes no sense; answered with 400. */
  public static final class Invalid extends AdminException {
    private static final long serialVersionUID = 1L;

    public Invalid(String message) {
      super(message, null);
    }
  }

  /** There is no such thing here; answered with 404. */
  public static final class Missing extends AdminException {
    private static final long serialVersionUID = 1L;

    public Missing(String message) {
      super(message, null);
    }
  }

  /** Something else is being done that excludes it; answered with 409. */
  public static final class Busy extends AdminException {
    private static final long serialVersionUID = 1L;

    public Busy(String message) {
      super(message, null);
    }
  }

  /** Something outside of this server is in the way; answered with 502. */
  public static final class Failed extends AdminException {
    private static final long serialVersionUID = 1L;

    public Failed(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Whoever asked for it does not read the answer any more. */
  public static final class ClientGone extends AdminException {
    private static final long serialVersionUID = 1L;

    ClientGone(@Nullable Throwable cause) {
      super("the client closed the connection", cause);
    }
  }

  /** For the caller: the server said no, or failed. The message is the server's. */
  public static final class Refused extends AdminException {
    private static final long serialVersionUID = 1L;

    public Refused(String message) {
      super(message, null);
    }
  }

  /** For the caller: no server answers, or not to the end. */
  public static final class Unreachable extends AdminException {
    private static final long serialVersionUID = 1L;

    Unreachable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
