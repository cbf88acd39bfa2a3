package io.lighter.server.upstream;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/**
 * Who Lighter is at an upstream. A password that is in a file is read whenever it is needed, so
 * that a rotated secret is picked up. This object can be printed.
 *
 * @param username name of the account
 * @param password where its password or access token is
 */
public record UpstreamCredentials(String username, Password password) {

  /** A secret. */
  public sealed interface Password {

    /**
     * A password in a file; a line break at its end is not part of it.
     *
     * @param path read whenever the password is needed
     */
    record InFile(Path path) implements Password {}

    /**
     * A password that somebody else keeps, such as Docker's configuration.
     *
     * @param secret not printed
     */
    record Known(String secret) implements Password {
      @Override
      public String toString() {
        return "Known[secret=...]";
      }
    }
  }

  public UpstreamCredentials {
    if (username.isEmpty() || username.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          "username must not be empty and must not hold \":\", not \"%s\"".formatted(username));
    }
  }

  /** An account whose password is in a file. */
  public UpstreamCredentials(String username, Path passwordFile) {
    this(username, new Password.InFile(passwordFile));
  }

  /**
   * The value of an {@code Authorization} header (RFC 7617).
   *
   * @throws UncheckedIOException if the password file cannot be read
   */
  String basic() {
    byte[] pair = (username + ':' + secret()).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  private String secret() {
    return switch (password) {
      case Password.Known(String secret) -> secret;
      case Password.InFile(Path file) -> {
        try {
          yield Files.readString(file).stripTrailing();
        } catch (IOException e) {
          throw new UncheckedIOException("cannot read password file " + file, e);
        }
      }
    };
  }
}
