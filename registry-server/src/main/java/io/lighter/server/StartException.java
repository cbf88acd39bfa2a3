package io.lighter.server;

import org.jspecify.annotations.Nullable;

/** The server cannot start for a reason that the operator can mend. The message says which. */
public final class StartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StartException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
