package io.lighter.server.content;

/** As many uploads are unfinished as may be. */
public final class TooManyUploadsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TooManyUploadsException(int max) {
    super(
        "%d uploads are unfinished and no more are allowed; finish or cancel one, or come back later"
            .formatted(max),
        null,
        false,
        false);
  }
}
