package io.lighter.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.StartupLayout;
import io.lighter.server.access.AccessControl;
import io.lighter.server.access.Action;
import io.lighter.server.access.Anonymous;
import io.lighter.server.content.ViewPolicy;
import io.lighter.server.observe.LogFormat;
import io.lighter.server.upstream.Freshness;
import io.lighter.server.upstream.StalePolicy;
import io.lighter.server.upstream.StalePolicy.Reaction;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every key: what it is when nothing is said, and what is made of what is said. Who says it is the
 * matter of {@link ConfigLoaderTest}.
 */
class ConfigKeysTest {
  private final ConfigFile file;

  ConfigKeysTest(@TempDir Path directory) {
    file = new ConfigFile(directory);
  }

  @Test
  void load_nothing_givesDefaults() {
    ServerConfig config = file.load("", Map.of());

    assertThat(config.http())
        .isEqualTo(
            new ServerConfig.Http(
                new ListenAddress("127.0.0.1", 30500),
                0,
                512,
                Duration.ofSeconds(5),
                8192,
                new DataSize(0),
                Duration.ofSeconds(30),
                Duration.ofMinutes(1),
                Duration.ofMinutes(3),
                List.of(),
                TlsConfig.NONE));
    assertThat(config.management().listen()).isEqualTo(new ListenAddress("127.0.0.1", 30501));
    assertThat(config.management().debug()).isTrue();
    assertThat(config.limits())
        .isEqualTo(
            new LimitsConfig(
                1024,
                256,
                Duration.ofMillis(500),
                new LimitsConfig.Share(0, new DataSize(0), 0),
                new LimitsConfig.Share(0, new DataSize(0), 0),
                new DataSize(0),
                Map.of()));
    assertThat(config.storage())
        .isEqualTo(
            new ServerConfig.Storage(
                Path.of("./data"),
                new DataSize(64 << 20),
                512,
                Duration.ofDays(1),
                4096,
                new DataSize(50L << 30),
                new FreeSpace(0, 5),
                new FreeSpace(0, 1),
                Duration.ofDays(7),
                Duration.ofDays(7)));
    assertThat(config.upstreams())
        .extracting(UpstreamConfig::name)
        .containsExactly(
            "docker.io",
            "ghcr.io",
            "quay.io",
            "registry.k8s.io",
            "gcr.io",
            "public.ecr.aws",
            "mcr.microsoft.com");
    assertThat(config.defaultUpstream()).isEqualTo("docker.io");
    assertThat(config.openWorld()).isFalse();
    assertThat(config.hosted().sparse()).isEmpty();
    assertThat(config.conversion())
        .isEqualTo(
            new ConversionConfig(
                1,
                ViewPolicy.REPLACE,
                ViewPolicy.NEGOTIATE,
                List.of(),
                config.conversion().exclude(),
                new DataSize(0),
                new DataSize(StartupLayout.DEFAULT_MAX_BYTES),
                List.of("pulled"),
                false,
                Duration.ofMillis(100)));
    assertThat(config.conversion().exclude()).contains("**/pause", "**/lighter");
    assertThat(config.verify())
        .isEqualTo(new ServerConfig.Verify(Duration.ofDays(30), new DataSize(8 << 20)));
    assertThat(config.gc())
        .isEqualTo(
            new ServerConfig.Gc(
                Duration.ofHours(1), Duration.ofHours(24), Duration.ofDays(30), 200));
    assertThat(config.logging())
        .isEqualTo(new ServerConfig.Logging(LogFormat.TEXT, true, Duration.ofSeconds(5)));
    assertThat(config.tracing()).isEqualTo(new TracingConfig("", 0.1));
    assertThat(config.tracing().receiver()).isEmpty();
  }

  @Test
  void load_everyKey_isRead() {
    ServerConfig config =
        file.load(
            """
            http: {listen: "[::1]:5000", eventLoops: 3, maxRequests: 7, drain: 1500ms, maxConnections: 8, maxBlobSize: 3GiB, headerTimeout: 3s,
                   bodyTimeout: 4s, idleTimeout: 5s, trustedProxies: [10.0.0.0/8, "::1"],
                   tls: {certificate: /tls/crt, key: /tls/key, clientAuthorities: /tls/ca}}
            management: {listen: 0.0.0.0:5001, debug: false, tls: {certificate: /m/crt, key: /m/key}, access: admins}
            access: {anonymous: nothing, htpasswd: /run/secrets/users, groups: {dev: [ann, bob]}, challenge: basic,
                     rules: [{repositories: team/**, users: eve, groups: dev, actions: [pull, push]}],
                     realm: "https://registry.example/token", tokenTtl: 7m,
                     issuers: [{name: cluster, issuer: "https://kubernetes.default.svc", keys: "file:///etc/keys.json", audience: registry, caCertificates: /etc/ca.pem}]}
            limits: {fills: 11, uploads: 12, queueDelay: 3s, client: {requests: 13, bandwidth: 14MiB, fills: 15}, namespace: {requests: 16}, quota: 17GiB, quotas: {team: 18MiB}}
            storage: {directory: /var/lib/lighter, metadataMemory: 1GiB, openBlobs: 9, uploadExpiry: 3h, maxUploads: 10,
                      capacity: 0, freeSpace: 3GiB, minFree: 2%, convertedLease: 2d, partialExpiry: 1d}
            memory: {limit: 3GiB, pinned: 100MiB}
            upstreams:
              - name: registry.example:5000
                endpoint: http://127.0.0.1:5002
                hosts: [registry.local, "[::1]:5000"]
                prefix: mirror/registry/
                credentials: [{prefix: team/, username: team-reader, passwordFile: /run/secrets/team}]
                tagTtl: 2h
                negativeTtl: 3s
                stale: {unreachable: refuse, slow: refuse, limited: refuse, error: refuse, denied: serve, missing: serve,
                        patience: 4s, maxAge: 5d}
                username: reader
                passwordFile: /run/secrets/password
                maxConnections: 4
                connectionsPerBlob: 3
                fill: false
                proxy: http://proxy.example:3128
                caCertificates: /etc/ssl/own.pem
            defaultUpstream: registry.example:5000
            openWorld: true
            hosted: {sparse: ["cache/**"]}
            conversion:
              workers: 0
              mirrored: off
              hosted: replace
              rules:
                - {repositories: docker.io/library/*, view: off, startupSet: 0}
                - {repositories: [team/**, b], view: negotiate, maxLayer: 1GiB, platforms: [linux/amd64, linux/arm/v7]}
              exclude: "**/pause"
              maxLayer: 2GiB
              startupSet: 64MiB
              platforms: linux/arm64
              subject: true
              latencyTarget: 20ms
            verify: {interval: 0s, rate: 1GiB}
            gc: {interval: 0, grace: 2h, retention: 3d, removalsPerSecond: 9}
            pull: [{image: "docker.io/library/nginx:1", platforms: [linux/arm/v7], every: 6h}]
            logging: {format: json, access: false, slowRequests: 19s}
            tracing: {otlp: "http://collector:4318", sample: 0.25}
            """,
            Map.of());

    assertThat(config)
        .isEqualTo(
            new ServerConfig(
                new ServerConfig.Http(
                    new ListenAddress("::1", 5000),
                    3,
                    7,
                    Duration.ofMillis(1500),
                    8,
                    new DataSize(3L << 30),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(4),
                    Duration.ofSeconds(5),
                    List.of("10.0.0.0/8", "::1"),
                    new TlsConfig("/tls/crt", "/tls/key", "/tls/ca")),
                new ServerConfig.Management(
                    new ListenAddress("0.0.0.0", 5001),
                    false,
                    new TlsConfig("/m/crt", "/m/key", ""),
                    ServerConfig.ManagementAccess.ADMINS),
                new AccessConfig(
                    Anonymous.NOTHING,
                    "/run/secrets/users",
                    Map.of("dev", Set.of("ann", "bob")),
                    List.of(
                        new AccessConfig.Rule(
                            List.of("team/**"),
                            Optional.of(List.of("eve")),
                            Optional.of(List.of("dev")),
                            List.of(Action.PULL, Action.PUSH))),
                    AccessControl.Form.BASIC,
                    "https://registry.example/token",
                    Duration.ofMinutes(7),
                    List.of(
                        new IssuerConfig(
                            "cluster",
                            URI.create("https://kubernetes.default.svc"),
                            Optional.of(URI.create("file:///etc/keys.json")),
                            Optional.of("registry"),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.of(Path.of("/etc/ca.pem")),
                            Optional.empty()))),
                new LimitsConfig(
                    11,
                    12,
                    Duration.ofSeconds(3),
                    new LimitsConfig.Share(13, new DataSize(14 << 20), 15),
                    new LimitsConfig.Share(16, new DataSize(0), 0),
                    new DataSize(17L << 30),
                    Map.of("team", new DataSize(18 << 20))),
                new ServerConfig.Storage(
                    Path.of("/var/lib/lighter"),
                    new DataSize(1L << 30),
                    9,
                    Duration.ofHours(3),
                    10,
                    new DataSize(0),
                    new FreeSpace(3L << 30, 0),
                    new FreeSpace(0, 2),
                    Duration.ofDays(2),
                    Duration.ofDays(1)),
                new MemoryConfig(3L << 30, 100 << 20),
                List.of(
                    new UpstreamConfig(
                        "registry.example:5000",
                        URI.create("http://127.0.0.1:5002"),
                        Optional.of(List.of("registry.local", "[::1]:5000")),
                        Optional.of("mirror/registry/"),
                        Optional.of(Duration.ofHours(2)),
                        Optional.of(Duration.ofSeconds(3)),
                        Optional.of(
                            new StaleConfig(
                                Optional.of(Reaction.REFUSE),
                                Optional.of(Reaction.REFUSE),
                                Optional.of(Reaction.REFUSE),
                                Optional.of(Reaction.REFUSE),
                                Optional.of(Reaction.SERVE),
                                Optional.of(Reaction.SERVE),
                                Optional.of(Duration.ofSeconds(4)),
                                Optional.of(Duration.ofDays(5)))),
                        Optional.of("reader"),
                        Optional.of(Path.of("/run/secrets/password")),
                        Optional.of(
                            List.of(
                                new AccountConfig(
                                    "team/", "team-reader", Path.of("/run/secrets/team")))),
                        Optional.of(4),
                        Optional.of(3),
                        Optional.of(false),
                        Optional.of(URI.create("http://proxy.example:3128")),
                        Optional.of(Path.of("/etc/ssl/own.pem")))),
                "registry.example:5000",
                true,
                new ServerConfig.Hosted(List.of("cache/**")),
                new ConversionConfig(
                    0,
                    ViewPolicy.OFF,
                    ViewPolicy.REPLACE,
                    List.of(
                        new ConversionConfig.Rule(
                            List.of("docker.io/library/*"),
                            Optional.of(ViewPolicy.OFF),
                            Optional.empty(),
                            Optional.of(new DataSize(0)),
                            Optional.empty()),
                        new ConversionConfig.Rule(
                            List.of("team/**", "b"),
                            Optional.of(ViewPolicy.NEGOTIATE),
                            Optional.of(new DataSize(1L << 30)),
                            Optional.empty(),
                            Optional.of(List.of("linux/amd64", "linux/arm/v7")))),
                    List.of("**/pause"),
                    new DataSize(2L << 30),
                    new DataSize(64L << 20),
                    List.of("linux/arm64"),
                    true,
                    Duration.ofMillis(20)),
                new ServerConfig.Verify(Duration.ZERO, new DataSize(1 << 30)),
                new ServerConfig.Gc(Duration.ZERO, Duration.ofHours(2), Duration.ofDays(3), 9),
                List.of(
                    new PullConfig(
                        "docker.io/library/nginx:1",
                        Optional.of(List.of("linux/arm/v7")),
                        Optional.of(Duration.ofHours(6)))),
                new ServerConfig.Logging(LogFormat.JSON, false, Duration.ofSeconds(19)),
                new TracingConfig("http://collector:4318", 0.25)));
    assertThat(config.upstreamSettings().getFirst().freshness())
        .isEqualTo(
            new Freshness(
                Duration.ofHours(2),
                Duration.ofSeconds(3),
                new StalePolicy(
                    Reaction.REFUSE,
                    Reaction.REFUSE,
                    Reaction.REFUSE,
                    Reaction.REFUSE,
                    Reaction.SERVE,
                    Reaction.SERVE,
                    Duration.ofSeconds(4),
                    Optional.of(Duration.ofDays(5)))));
  }
}
