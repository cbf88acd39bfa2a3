package io.lighter.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lighter.server.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options by which a subcommand says who it is to a server that wants to know. Passwords are
 * never on the command line, where every process of the machine can read them.
 */
public final class AdminAccount {

  @Option(
      names = "--user",
      paramLabel = "NAME",
      defaultValue = "${env:LIGHTER_ADMIN_USER}",
      description =
          "Who asks, for a server with \"management.access: admins\"; LIGHTER_ADMIN_USER without it.")
  private @Nullable String user;

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      defaultValue = "${env:LIGHTER_ADMIN_PASSWORD_FILE}",
      description = "File of the password; LIGHTER_ADMIN_PASSWORD_FILE without it.")
  private @Nullable Path passwordFile;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      defaultValue = "${env:LIGHTER_ADMIN_TOKEN_FILE}",
      description =
          "File of a token of one of access.issuers, in place of a password; LIGHTER_ADMIN_TOKEN_FILE without it.")
  private @Nullable Path tokenFile;

  /**
   * The {@code Authorization} header; empty if nothing is said.
   *
   * @throws ConfigException if half of it is said, or a file cannot be read
   */
  Optional<String> header() {
    if (tokenFile != null) {
      return Optional.of("Bearer " + secret("--token-file", tokenFile));
    }
    if (user == null && passwordFile == null) {
      return Optional.empty();
    }
    if (user == null || passwordFile == null) {
      throw new ConfigException("--user and --password-file are given together, or neither");
    }
    String pair = user + ':' + secret("--password-file", passwordFile);
    return Optional.of("Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
  }

  /** Without the line break that editors and {@code echo} put behind it. */
  private static String secret(String option, Path file) {
    try {
      return Files.readString(file).stripTrailing();
    } catch (IOException e) {
      throw new ConfigException(
          "%s: \"%s\" cannot be read: %s".formatted(option, file, e.getMessage()));
    }
  }
}
