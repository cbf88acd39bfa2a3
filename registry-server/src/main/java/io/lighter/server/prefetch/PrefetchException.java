package io.lighter.server.prefetch;

/** Why an image cannot be pulled as it was asked for. The message says what is wrong. */
public final class PrefetchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PrefetchException(String message) {
    super(message);
  }
}
