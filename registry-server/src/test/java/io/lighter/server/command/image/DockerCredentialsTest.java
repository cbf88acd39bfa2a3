package io.lighter.server.command.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.server.upstream.UpstreamCredentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code docker login} leaves behind in its file; programs that it names are asked in the
 * end-to-end tests.
 */
class DockerCredentialsTest {
  @TempDir private Path directory;

  @Test
  void of_noConfiguration_isNobody() {
    assertThat(load().of("docker.io")).isEmpty();
  }

  @Test
  void of_storedAccount_isThatOfItsHostOnly() throws IOException {
    write("{\"auths\": {\"r.example.com:5000\": {\"auth\": \"%s\"}}}".formatted(base64("ann:a:b")));

    assertThat(load().of("r.example.com:5000")).contains(account("ann", "a:b"));
    assertThat(load().of("r.example.com")).isEmpty();
    assertThat(load().of("docker.io")).isEmpty();
  }

  @Test
  void of_dockerHub_isFoundUnderTheAddressThatDockerUses() throws IOException {
    write(
        "{\"auths\": {\"https://index.docker.io/v1/\": {\"auth\": \"%s\"}}}"
            .formatted(base64("ann:x")));

    assertThat(load().of("docker.io")).contains(account("ann", "x"));
  }

  @Test
  void of_helperIsMissing_isSaid() throws IOException {
    write("{\"credsStore\": \"%s\"}".formatted("of-nobody-at-all"));

    assertThatThrownBy(() -> load().of("r.example.com"))
        .isInstanceOf(ConvertException.class)
        .hasMessageContaining("docker-credential-of-nobody-at-all");
  }

  @Test
  void of_authIsNotBase64_namesTheEntryAndNotItsContent() throws IOException {
    write("{\"auths\": {\"r.example.com\": {\"auth\": \"%s\"}}}".formatted("geheim!"));

    assertThatThrownBy(() -> load().of("r.example.com"))
        .isInstanceOf(ConvertException.class)
        .hasMessageContaining("auths.\"r.example.com\".auth")
        .hasMessageNotContaining("geheim");
  }

  @Test
  void load_notJson_doesNotQuoteTheFile() throws IOException {
    write("{\"auths\": geheim");

    assertThatThrownBy(this::load)
        .isInstanceOf(ConvertException.class)
        .hasMessageContaining("config.json is not JSON")
        .hasMessageNotContaining("geheim");
  }

  private DockerCredentials load() {
    return DockerCredentials.load(Map.of("DOCKER_CONFIG", directory.toString()));
  }

  private void write(String json) throws IOException {
    Files.writeString(directory.resolve("config.json"), json);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static UpstreamCredentials account(String user, String password) {
    return new UpstreamCredentials(user, new UpstreamCredentials.Password.Known(password));
  }
}
