package io.lighter.server.tls;

import org.jspecify.annotations.Nullable;

/**
 * Files that no TLS can be made of. The message names the key of the configuration and the file.
 */
public final class TlsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TlsException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
