package io.lighter.server.upstream;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/**
 * Who Lighter is at an upstream. The password stays in its file and is read whenever it is needed,
 * so that a rotated secret is picked up and this object can be printed.
 *
 * @param username name of the account
 * @param passwordFile file that holds the password or access token; a line break at its end is not
 *     part of it
 */
public record UpstreamCredentials(String username, Path passwordFile) {

  public UpstreamCredentials {
    if (username.isEmpty() || username.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          "username must not be empty and must not hold \":\", not \"%s\"".formatted(username));
    }
  }

  /**
   * The value of an {@code Authorization} header (RFC 7617).
   *
   * @throws UncheckedIOException if the password file cannot be read
   */
  String basic() {
    try {
      String password = Files.readString(passwordFile).stripTrailing();
      byte[] pair = (username + ':' + password).getBytes(StandardCharsets.UTF_8);
      return "Basic " + Base64.getEncoder().encodeToString(pair);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read password file " + passwordFile, e);
    }
  }
}
