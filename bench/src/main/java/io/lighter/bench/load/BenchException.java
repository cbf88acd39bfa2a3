package io.lighter.bench.load;

/** A measurement that cannot be made; the message says why and what would have to be different. */
public final class BenchException extends RuntimeException {
  public BenchException(String message) {
    super(message);
  }

  public BenchException(String message, Throwable cause) {
    super(message, cause);
  }
}
