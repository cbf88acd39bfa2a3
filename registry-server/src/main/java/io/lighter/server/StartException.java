package io.lighter.server;

/** The server cannot start for a reason that the operator can mend. The message says which. */
public final class StartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StartException(String message, Throwable cause) {
    super(message, cause);
  }
}
