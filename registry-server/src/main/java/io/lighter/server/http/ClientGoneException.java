package io.lighter.server.http;

/** The client closed its connection. Not an error of anybody here. */
final class ClientGoneException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ClientGoneException() {
    super("client closed the connection", null, false, false);
  }

  ClientGoneException(Throwable cause) {
    super("client closed the connection", cause, false, false);
  }
}
