package io.lighter.conversion.startset.trace;

/** Ends an analysis that is at a limit; what it has found counts. */
public final class LimitReachedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LimitReachedException(String message) {
    super(message, null, false, false);
  }
}
