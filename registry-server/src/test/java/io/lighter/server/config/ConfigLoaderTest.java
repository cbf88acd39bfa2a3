package io.lighter.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.server.upstream.StalePolicy;
import io.lighter.server.upstream.StalePolicy.Reaction;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Where the value of a key comes from: the file, the environment, the command line or, of what none
 * of them says, the defaults; and the report that tells it. {@link ConfigKeysTest} has every key.
 */
class ConfigLoaderTest {
  private final ConfigFile file;

  ConfigLoaderTest(@TempDir Path directory) {
    file = new ConfigFile(directory);
  }

  /** Whatever the file has put into it. */
  @Test
  void load_variableOfAMap_replacesIt() {
    ServerConfig config =
        file.load(
            "limits: {quotas: {team: 1GiB}}",
            Map.of(
                "LIGHTER_LIMITS_QUOTAS", "{other: 2MiB}",
                "LIGHTER_ACCESS_GROUPS", "{dev: [ann]}"));

    assertThat(config.limits().quotas()).containsOnly(Map.entry("other", new DataSize(2 << 20)));
    assertThat(config.access().groups()).containsOnly(Map.entry("dev", Set.of("ann")));
  }

  @Test
  void load_automaticMemory_isDividedByWhatTheProcessMayUse() {
    long limit = ProcessMemory.ofThisProcess().limit();

    assertThat(file.load("", Map.of()).memory())
        .isEqualTo(new MemoryConfig(limit, MemoryBudget.defaultPinned(limit)));
    assertThat(file.load("memory: {limit: 800MiB}", Map.of()).memory())
        .isEqualTo(new MemoryConfig(800 << 20, 100 << 20));
    assertThat(file.load("", Map.of("LIGHTER_MEMORY_PINNED", "0")).memory())
        .isEqualTo(new MemoryConfig(limit, 0));
  }

  @Test
  void load_partOfTheStalePolicy_leavesTheRestAsItIs() {
    ServerConfig config =
        file.load(
            "upstreams: [{name: docker.io, endpoint: http://a.example, stale: {missing: serve}}]",
            Map.of());

    StalePolicy other = StalePolicy.DEFAULT;
    assertThat(config.upstreamSettings().getFirst().freshness().stale())
        .isEqualTo(
            new StalePolicy(
                Reaction.SERVE,
                Reaction.SERVE,
                Reaction.SERVE,
                Reaction.SERVE,
                Reaction.REFUSE,
                Reaction.SERVE,
                other.patience(),
                other.maxAge()));
  }

  @Test
  void load_environment_winsOverFile() {
    ServerConfig config =
        file.load(
            "storage: {directory: /from/file}",
            Map.of(
                "LIGHTER_STORAGE_DIRECTORY", "/from/environment",
                "LIGHTER_MANAGEMENT_LISTEN", "127.0.0.1:1",
                "LIGHTER_UPSTREAMS", "[{name: a.example, endpoint: http://127.0.0.1:2}]",
                "LIGHTER_DEFAULTUPSTREAM", "\"\"",
                "LIGHTER_PORT_30500_TCP", "made by Kubernetes, not for us"));

    assertThat(config.storage().directory()).isEqualTo(Path.of("/from/environment"));
    assertThat(config.management().listen().port()).isEqualTo(1);
    assertThat(config.upstreams()).extracting(UpstreamConfig::name).containsExactly("a.example");
  }

  @Test
  void load_commandLine_winsOverEverything() {
    ServerConfig config =
        ConfigLoader.load(
            new ConfigLoader.CommandLine(
                Optional.empty(),
                Optional.of("127.0.0.1:1234"),
                Optional.of("/from/option"),
                List.of("docker.io=http://127.0.0.1:5000", "new.example=http://127.0.0.1:5001"),
                false),
            Map.of("LIGHTER_HTTP_LISTEN", "127.0.0.1:1"));

    assertThat(config.http().listen().port()).isEqualTo(1234);
    assertThat(config.storage().directory()).isEqualTo(Path.of("/from/option"));
    assertThat(config.upstreams())
        .filteredOn(upstream -> upstream.name().equals("docker.io"))
        .extracting(UpstreamConfig::endpoint)
        .containsExactly(URI.create("http://127.0.0.1:5000"));
    assertThat(config.upstreams()).last().matches(last -> last.name().equals("new.example"));
  }

  @Test
  void load_noUpstreams_hasNone() {
    ServerConfig config =
        ConfigLoader.load(
            new ConfigLoader.CommandLine(
                Optional.empty(), Optional.empty(), Optional.empty(), List.of(), true),
            Map.of());

    assertThat(config.upstreams()).isEmpty();
    assertThat(config.defaultUpstream()).isEmpty();
  }

  @Test
  void load_keysWithoutValue_haveTheirDefaults() {
    assertThat(file.load("http:\nstorage:\n  directory:\nupstreams:\n", Map.of()))
        .isEqualTo(file.load("", Map.of()));
  }

  @Test
  void report_ofAConfiguration_isOneThatSaysTheSame() {
    for (String yaml :
        List.of(
            "",
            """
            http: {drain: 1500ms, idleTimeout: 90s, maxBlobSize: 3GiB, trustedProxies: [10.0.0.0/8, "::1"]}
            management: {listen: "[::1]:5001"}
            access: {anonymous: nothing, groups: {dev: [ann, bob]}, challenge: basic, tokenTtl: 2h,
                     rules: [{repositories: team/**, users: eve, actions: [pull, push]}]}
            limits: {quotas: {team: 18MiB}}
            storage: {freeSpace: 3GiB, minFree: 2%}
            memory: {limit: 3GiB, pinned: 1000B}
            upstreams:
              - {name: docker.io, endpoint: "https://registry-1.docker.io", username: me, passwordFile: /run/secrets/password,
                 stale: {denied: serve, maxAge: 5d}, maxConnections: 4, fill: false}
            conversion: {rules: [{repositories: b, view: negotiate, platforms: [linux/amd64, linux/arm/v7]}]}
            pull: [{image: "debian:12", every: 2h}]
            """)) {
      ServerConfig config = file.load(yaml, Map.of());

      String report = ConfigReport.of(config).toString();

      assertThat(file.load(report, Map.of())).as(report).isEqualTo(config);
    }
  }

  @Test
  void report_ofAnAddressWithAUser_doesNotNameHim() {
    ServerConfig config =
        file.load(
            """
            access: {rules: [{repositories: "**", groups: "ci:all", actions: pull}],
                     issuers: [{name: ci, issuer: "https://ci.example", keys: "https://me:secret@ci.example/keys"}]}
            """,
            Map.of());

    assertThat(ConfigReport.of(config).toString())
        .contains("https://***@ci.example/keys")
        .doesNotContain("secret");
  }
}
