package io.lighter.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigChangeTest {
  @TempDir private Path directory;

  @Test
  void between_theSame_nothing() {
    var change = ConfigChange.between(load(""), load(""));

    assertThat(change.effective()).isEqualTo(load(""));
    assertThat(change.changed()).isEmpty();
    assertThat(change.restart()).isEmpty();
  }

  @Test
  void between_keysOfBothKinds_takesWhatIsReloadableAndNamesTheRest() {
    ServerConfig running = load("");
    ServerConfig next =
        load(
            """
            http: {maxRequests: 7, listen: "127.0.0.1:0"}
            limits: {fills: 11, client: {requests: 12}}
            storage: {capacity: 1GiB, directory: /elsewhere}
            conversion: {workers: 3, hosted: replace, rules: [{repositories: team/**, view: off}]}
            defaultUpstream: quay.io
            openWorld: true
            """);
    var change = ConfigChange.between(running, next);

    assertThat(change.changed())
        .containsExactly(
            "limits.fills",
            "limits.client.requests",
            "storage.capacity",
            "defaultUpstream",
            "openWorld",
            "conversion.hosted",
            "conversion.rules");
    assertThat(change.restart())
        .containsExactly(
            "http.listen", "http.maxRequests", "storage.directory", "conversion.workers");
    assertThat(change.effective().limits()).isEqualTo(next.limits());
    assertThat(change.effective().storage().capacity()).isEqualTo(next.storage().capacity());
    assertThat(change.effective().storage().directory()).isEqualTo(running.storage().directory());
    assertThat(change.effective().conversion().workers()).isEqualTo(1);
    assertThat(change.effective().conversion().rules()).isEqualTo(next.conversion().rules());
    assertThat(change.effective().http()).isEqualTo(running.http());

    var again = ConfigChange.between(change.effective(), next);
    assertThat(again.changed()).isEmpty();
    assertThat(again.restart()).as("until somebody does it").isEqualTo(change.restart());
  }

  @Test
  void between_upstreams_saysWhich() {
    ServerConfig running =
        load(
            """
            upstreams:
              - {name: one.example, endpoint: "https://one.example"}
              - {name: two.example, endpoint: "https://two.example"}
            defaultUpstream: ""
            """);
    ServerConfig next =
        load(
            """
            upstreams:
              - {name: two.example, endpoint: "https://two.example", tagTtl: 5m}
              - {name: three.example, endpoint: "https://three.example"}
            defaultUpstream: ""
            """);

    assertThat(ConfigChange.between(running, next).changed())
        .containsExactly(
            "upstreams one.example removed",
            "upstreams two.example changed",
            "upstreams three.example added");
  }

  /**
   * A registry that is reachable from everywhere must not become one that everybody may push to.
   */
  @Test
  void between_whatIsTakenContradictsWhatStays_isRefused() {
    ServerConfig running = load("{http: {listen: \"0.0.0.0:5000\"}, access: {anonymous: pull}}");
    ServerConfig next = load("{http: {listen: \"127.0.0.1:5000\"}}");

    assertThatThrownBy(() -> ConfigChange.between(running, next))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("access.anonymous: \"auto\" is not allowed")
        .hasMessageEndingWith("that is so because a change needs a restart: http.listen");
  }

  private ServerConfig load(String yaml) {
    return new ConfigFile(directory).load(yaml, Map.of());
  }
}
