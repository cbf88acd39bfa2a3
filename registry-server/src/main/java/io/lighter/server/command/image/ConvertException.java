package io.lighter.server.command.image;

import org.jspecify.annotations.Nullable;

/** Why an image or layer was not converted, in one line for whoever typed the command. */
public final class ConvertException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ConvertException(String message) {
    this(message, null);
  }

  ConvertException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
