package io.lighter.server.convert;

/** No layer of an image would become lazy by converting it. The message says why. */
final class NothingToConvertException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NothingToConvertException(String reason) {
    super(reason, null, false, false);
  }
}
