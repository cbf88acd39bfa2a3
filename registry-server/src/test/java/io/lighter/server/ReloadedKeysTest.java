package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.oci.MediaTypes;
import io.lighter.server.upstream.Concurrently;
import io.lighter.server.upstream.Images;
import io.lighter.server.upstream.ScriptedUpstream;
import io.lighter.server.upstream.ScriptedUpstream.Step;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * What each key does for clients once a changed configuration is read while the server runs. {@link
 * ReloadTest} is about the reading.
 */
@Timeout(120)
class ReloadedKeysTest {
  private static final String MANIFEST = Images.listing(List.of());

  private final ReloadedConfig config;
  private final ScriptedUpstream upstream;
  private final Path directory;

  ReloadedKeysTest(@TempDir Path directory) {
    this.directory = directory;
    config = new ReloadedConfig(directory);
    upstream = config.upstream;
  }

  @AfterEach
  void stop() {
    config.close();
  }

  @Test
  void upstream_added_isPulledFrom() throws Exception {
    upstream.manifest("team/app", "1", MANIFEST);
    TestServer server = config.start("upstreams: []");
    assertThat(server.get("/v2/team/app/manifests/1?ns=one.example").statusCode()).isEqualTo(404);

    JsonNode answer = config.reload(config.upstreams("one.example", ""));

    assertThat(answer.at("/changed/0").asString()).isEqualTo("upstreams one.example added");
    assertThat(server.get("/v2/team/app/manifests/1?ns=one.example").body())
        .isEqualTo(bytes(MANIFEST));
    assertThat(server.get("/v2/one.example/team/app/manifests/1").statusCode()).isEqualTo(200);
    assertThat(server.management("/metrics"))
        .as("it is counted by its own name")
        .contains(
            "lighter_upstream_requests_total{operation=\"manifest_get\",outcome=\"ok\",upstream=\"one.example\"} 1");
  }

  @Test
  void defaultUpstream_changed_isWhatPlainNamesMean() throws Exception {
    upstream.manifest("team/app", "1", MANIFEST);
    TestServer server = config.start(config.upstreams("one.example", ""));
    assertThat(server.get("/v2/team/app/manifests/1").statusCode()).isEqualTo(404);

    config.reload("defaultUpstream: one.example\n" + config.upstreams("one.example", ""));

    assertThat(server.get("/v2/team/app/manifests/1").statusCode()).isEqualTo(200);
    assertThat(server.get("/v2/team/app/manifests/1").headers().firstValue("OCI-Namespace"))
        .contains("one.example");
  }

  /** What was refused to the account before is asked again by the one that came after it. */
  @Test
  void credential_changed_isUsedAtOnce() throws Exception {
    upstream.manifest("team/app", "1", MANIFEST);
    upstream.requireBasic("Basic " + Base64.getEncoder().encodeToString(bytes("reader:right")));
    Path wrong = Files.writeString(directory.resolve("wrong"), "wrong\n");
    Path right = Files.writeString(directory.resolve("right"), "right\n");
    String account = ", negativeTtl: 1h, username: reader, passwordFile: ";
    TestServer server = config.start(config.upstreams("one.example", account + wrong));
    for (int i = 0; i < 2; i++) {
      assertThat(server.get("/v2/one.example/team/app/manifests/1").statusCode()).isEqualTo(403);
    }

    JsonNode answer = config.reload(config.upstreams("one.example", account + right));

    assertThat(answer.at("/changed/0").asString()).isEqualTo("upstreams one.example changed");
    assertThat(server.get("/v2/one.example/team/app/manifests/1").statusCode()).isEqualTo(200);
  }

  /** The limit of the account before does not count for the one after it. */
  @Test
  void credential_changedWhileTheUpstreamLimits_isNotLimited() throws Exception {
    upstream.manifest("team/app", "1", MANIFEST);
    upstream.next(
        ScriptedUpstream.manifestPath("team/app", "1"),
        new Step.Status(429, Map.of("Retry-After", "300")));
    Path password = Files.writeString(directory.resolve("password"), "right\n");
    TestServer server = config.start(config.upstreams("one.example", ""));
    for (int i = 0; i < 2; i++) {
      assertThat(server.get("/v2/one.example/team/app/manifests/1").statusCode()).isEqualTo(429);
    }

    config.reload(config.upstreams("one.example", ", username: reader, passwordFile: " + password));

    assertThat(server.get("/v2/one.example/team/app/manifests/1").statusCode()).isEqualTo(200);
  }

  /** What it sends is sent to the end, and after that nothing is left of it. */
  @Test
  void upstream_removed_isGoneAndWhatIsUnderWayGoesOn() throws Exception {
    byte[] content = Images.random(3_000_000, 1);
    Digest digest = upstream.blob("team/app", content);
    String path = "/v2/team/app/blobs/" + digest;
    TestServer server = config.start(config.upstreams("one.example", ""));
    Set<Thread> others = clients();
    var gate = new CountDownLatch(1);
    upstream.always(ScriptedUpstream.blobPath("team/app", digest), new Step.Hold(1_000_000, gate));
    var whole = Concurrently.start(() -> server.get(path + "?ns=one.example"));
    await().until(() -> upstream.bytes(ScriptedUpstream.blobPath("team/app", digest)) > 0);
    assertThat(clientsBut(others)).isNotEmpty();

    JsonNode answer = config.reload("upstreams: []");

    assertThat(answer.at("/changed/0").asString()).isEqualTo("upstreams one.example removed");
    assertThat(server.get(path + "?ns=one.example").statusCode()).isEqualTo(404);
    assertThat(whole.isDone()).isFalse();
    gate.countDown();
    assertThat(whole.get().body()).isEqualTo(content);
    await().atMost(Duration.ofSeconds(20)).until(() -> clientsBut(others).isEmpty());
    int asked = upstream.requests().size();
    assertThat(server.get("/v2/one.example/team/other/blobs/" + digest).statusCode())
        .isEqualTo(404);
    assertThat(upstream.requests()).hasSize(asked);
  }

  /** An upstream that a change leaves as it is keeps its connections. */
  @Test
  void upstream_thatDidNotChange_keepsItsClients() throws Exception {
    upstream.manifest("team/app", "1", MANIFEST);
    TestServer server = config.start(config.upstreams("one.example", ""));
    Set<Thread> others = clients();
    assertThat(server.get("/v2/one.example/team/app/manifests/1").statusCode()).isEqualTo(200);
    Set<Thread> used = clientsBut(others);
    assertThat(used).isNotEmpty();

    config.reload(config.upstreams("one.example", "") + "limits: {fills: 7}\n");
    assertThat(clientsBut(others)).isEqualTo(used);

    config.reload(config.upstreams("one.example", ", tagTtl: 7m"));
    await().atMost(Duration.ofSeconds(20)).until(() -> clientsBut(others).isEmpty());
  }

  /** The connection that had the right, and what is hot, have it no more. */
  @Test
  void rule_takenAway_isGoneAtOnce() throws Exception {
    String access =
        """
        access:
          anonymous: nothing
          rules:
            - {repositories: "**", users: anonymous, actions: [%s]}
        """;
    TestServer server = config.start(access.formatted("pull, push") + "upstreams: []");
    byte[] blob = bytes("a blob");
    Digest digest = Digest.ofSha256(blob);
    assertThat(server.post("/v2/team/app/blobs/uploads/?digest=" + digest, blob).statusCode())
        .isEqualTo(201);
    assertThat(put(server, "/v2/team/app/manifests/1", bytes(MANIFEST))).isEqualTo(201);
    for (int i = 0; i < 3; i++) {
      assertThat(server.get("/v2/team/app/blobs/" + digest).statusCode()).isEqualTo(200);
      assertThat(server.get("/v2/team/app/manifests/1").statusCode()).isEqualTo(200);
    }

    config.reload(access.formatted("push") + "upstreams: []");

    assertThat(server.get("/v2/team/app/blobs/" + digest).statusCode()).isEqualTo(401);
    assertThat(server.get("/v2/team/app/manifests/1").statusCode()).isEqualTo(401);
    assertThat(server.post("/v2/team/app/blobs/uploads/?digest=" + digest, blob).statusCode())
        .isEqualTo(201);

    config.reload(access.formatted("pull") + "upstreams: []");
    assertThat(server.get("/v2/team/app/blobs/" + digest).statusCode()).isEqualTo(200);
    assertThat(server.post("/v2/team/app/blobs/uploads/?digest=" + digest, blob).statusCode())
        .isEqualTo(401);
  }

  /** A repository that may name what is not there is one after the change. */
  @Test
  void sparse_added_isTaken() throws Exception {
    TestServer server = config.start("upstreams: []");
    String naming =
        MANIFEST.replace(
            "[]",
            "[{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"size\":9}]"
                .formatted(MediaTypes.OCI_INDEX, "0".repeat(64)));
    assertThat(put(server, "/v2/team/app/manifests/1", bytes(naming))).isEqualTo(400);

    config.reload("upstreams: []\nhosted: {sparse: [team/**]}");

    assertThat(put(server, "/v2/team/app/manifests/1", bytes(naming))).isEqualTo(201);
  }

  @Test
  void imageToPullAhead_added_isPulled() throws Exception {
    upstream.manifest("team/app", "1", MANIFEST);
    config.start(config.upstreams("one.example", ""));

    config.reload(config.upstreams("one.example", "") + "pull: [{image: one.example/team/app:1}]");

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> upstream.count("GET", ScriptedUpstream.manifestPath("team/app", "1")) > 0);
  }

  @Test
  void collections_madeFrequent_happen() throws Exception {
    TestServer server = config.start("upstreams: []\ngc: {interval: 0}");
    assertThat(server.management("/metrics")).contains("lighter_gc_last_success_seconds 0.0");

    config.reload("upstreams: []\ngc: {interval: 100ms}");

    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> !server.management("/metrics").contains("lighter_gc_last_success_seconds 0.0"));
  }

  /** HTTP clients of this process: each has a thread. */
  private static Set<Thread> clients() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().endsWith("-SelectorManager"))
        .collect(Collectors.toUnmodifiableSet());
  }

  private static Set<Thread> clientsBut(Set<Thread> others) {
    return clients().stream()
        .filter(thread -> !others.contains(thread))
        .collect(Collectors.toUnmodifiableSet());
  }

  private static int put(TestServer server, String path, byte[] index) {
    return server.put(path, index, "Content-Type", MediaTypes.OCI_INDEX).statusCode();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
