package io.lighter.server.verify;

/** A verification is under way already, or the server is stopping. */
public final class VerificationBusyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  VerificationBusyException() {
    super("a verification is under way already, or the server is stopping");
  }
}
