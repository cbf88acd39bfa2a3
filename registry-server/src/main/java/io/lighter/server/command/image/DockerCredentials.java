package io.lighter.server.command.image;

import io.lighter.server.upstream.UpstreamCredentials;
import io.lighter.server.upstream.UpstreamCredentials.Password;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Accounts as {@code docker login} has left them: in {@code config.json}, or in a program that it
 * names.
 */
final class DockerCredentials {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path file;
  private final JsonNode config;

  private DockerCredentials(Path file, JsonNode config) {
    this.file = file;
    this.config = config;
  }

  /**
   * Reads the configuration that the environment names: {@code DOCKER_CONFIG}, else {@code .docker}
   * of the home directory. None is no error.
   *
   * @throws ConvertException if there is one that cannot be read
   */
  static DockerCredentials load(Map<String, String> environment) {
    String directory = environment.getOrDefault("DOCKER_CONFIG", "");
    Path file =
        directory.isEmpty()
            ? Path.of(System.getProperty("user.home", ""), ".docker", "config.json")
            : Path.of(directory, "config.json");
    try {
      return new DockerCredentials(
          file,
          Files.exists(file) ? JSON.readTree(Files.readAllBytes(file)) : JSON.createObjectNode());
    } catch (IOException e) {
      throw new ConvertException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    } catch (JacksonException e) {
      // What the parser says would quote the file.
      throw new ConvertException(file + " is not JSON");
    }
  }

  /** The account for a registry, by the host in image names; empty for nobody. */
  Optional<UpstreamCredentials> of(String host) {
    List<String> keys =
        host.equals("docker.io")
            ? List.of("https://index.docker.io/v1/", "index.docker.io", "docker.io")
            : List.of(host, "https://" + host, "http://" + host, "https://" + host + "/");
    for (String key : keys) {
      String helper =
          config.path("credHelpers").path(key).asString(config.path("credsStore").asString(""));
      Optional<UpstreamCredentials> found = helper.isEmpty() ? Optional.empty() : ask(helper, key);
      if (found.isEmpty()) {
        found = stored(key);
      }
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private Optional<UpstreamCredentials> stored(String key) {
    JsonNode account = config.path("auths").path(key);
    String user = account.path("username").asString("");
    String password = account.path("password").asString("");
    String both = account.path("auth").asString("");
    if (!both.isEmpty()) {
      try {
        String text = new String(Base64.getDecoder().decode(both), StandardCharsets.UTF_8);
        int colon = text.indexOf(':');
        if (colon <= 0) {
          throw invalid(key);
        }
        user = text.substring(0, colon);
        password = text.substring(colon + 1);
      } catch (IllegalArgumentException e) {
        throw invalid(key);
      }
    }
    return user.isEmpty()
        ? Optional.empty()
        : Optional.of(new UpstreamCredentials(user, new Password.Known(password)));
  }

  /** A program says who it knows for an address, as Docker's credential helpers do. */
  private static Optional<UpstreamCredentials> ask(String helper, String key) {
    String program = "docker-credential-" + helper;
    try {
      Process process =
          new ProcessBuilder(program, "get").redirectError(ProcessBuilder.Redirect.DISCARD).start();
      try (var in = process.getOutputStream()) {
        in.write(key.getBytes(StandardCharsets.UTF_8));
      }
      byte[] answer = process.getInputStream().readAllBytes();
      if (process.waitFor() != 0) {
        return Optional.empty(); // It knows nobody.
      }
      JsonNode account = JSON.readTree(answer);
      String user = account.path("Username").asString("");
      if (user.isEmpty() || user.equals("<token>")) {
        return Optional.empty();
      }
      return Optional.of(
          new UpstreamCredentials(user, new Password.Known(account.path("Secret").asString(""))));
    } catch (IOException | JacksonException e) {
      throw new ConvertException(
          "%s, which Docker's configuration names, cannot be asked".formatted(program), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ConvertException("stopped while asking " + program, e);
    }
  }

  private ConvertException invalid(String key) {
    return new ConvertException(
        "%s: auths.\"%s\".auth is not the base64 of USER:PASSWORD".formatted(file, key));
  }
}
