package io.lighter.server.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamSettingsTest {
  private static final URI ENDPOINT = URI.create("https://registry.example");

  @ParameterizedTest
  @ValueSource(strings = {"docker.io", "localhost", "localhost:5000", "registry:5000", "10.0.0.1"})
  void name_host_isAccepted(String name) {
    assertThat(UpstreamSettings.of(name, ENDPOINT).name()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "library", "Docker.io", "docker.io/library", "docker.io:", "a..b"})
  void name_notAHost_isRefusedWithWhatIsAllowed(String name) {
    assertThatThrownBy(() -> UpstreamSettings.of(name, ENDPOINT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("name must be a lower-case host")
        .hasMessageEndingWith(", not " + name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://a.example", "a.example", "https:///x", "https://a.example/?q=1"})
  void endpoint_notAWebAddress_isRefused(String endpoint) {
    assertThatThrownBy(() -> UpstreamSettings.of("a.example", URI.create(endpoint)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("upstream a.example: endpoint must be http://HOST")
        .hasMessageContaining(endpoint);
  }

  @Test
  void endpoint_withUserInformation_isRefusedWithoutRepeatingIt() {
    assertThatThrownBy(
            () -> UpstreamSettings.of("a.example", URI.create("https://u:secret@a.example")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("secret");
  }

  @Test
  void endpoint_slashAtItsEnd_isDropped() {
    assertThat(UpstreamSettings.of("a.example", URI.create("https://a.example/x/")).endpoint())
        .isEqualTo(URI.create("https://a.example/x"));
  }

  @Test
  void limits_outOfRange_nameTheField() {
    assertThatThrownBy(() -> with(-1, 32, 1))
        .hasMessage("upstream a.example: tagTtl must be zero or more, not PT-1S");
    assertThatThrownBy(() -> with(1, 1, 1))
        .hasMessage("upstream a.example: maxConnections must be from 2 to 1000, not 1");
    assertThatThrownBy(() -> with(1, 32, 0))
        .hasMessage("upstream a.example: connectTimeout must be more than zero, not PT0S");
  }

  @Test
  void credentials_printed_doNotShowThePassword(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("password"), "s3cret\n");
    var credentials = new UpstreamCredentials("me", file);

    assertThat(credentials.toString()).doesNotContain("s3cret");
    assertThat(credentials.basic()).isEqualTo("Basic bWU6czNjcmV0"); // me:s3cret
  }

  private static UpstreamSettings with(int ttl, int connections, int connectSeconds) {
    return new UpstreamSettings(
        "a.example",
        ENDPOINT,
        Addressing.PLAIN,
        Freshness.DEFAULT.withTagTtl(Duration.ofSeconds(ttl)),
        CredentialsByPath.NONE,
        new Network(
            connections,
            1,
            true,
            Optional.empty(),
            Optional.empty(),
            Duration.ofSeconds(connectSeconds),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1)));
  }
}
