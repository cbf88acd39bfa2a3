package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.server.config.ConfigLoader;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.upstream.ScriptedUpstream;
import io.lighter.server.upstream.ScriptedUpstream.Step;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A configuration that changes while the server runs, over HTTP. */
@Timeout(120)
class ReloadTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String BASE =
      """
      http: {listen: "127.0.0.1:0"}
      management: {listen: "127.0.0.1:0"}
      conversion: {workers: 0}
      defaultUpstream: ""
      """;
  private static final String MANIFEST =
      """
      {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}\
      """;
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";

  @TempDir private Path directory;
  private final ScriptedUpstream upstream = ScriptedUpstream.start();
  private final HttpClient client = HttpClient.newHttpClient();
  private Path file;

  @SuppressWarnings("NullAway.Init") // Each test starts it.
  private Application server;

  @BeforeEach
  void prepare() {
    file = directory.resolve("lighter.yaml");
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
    upstream.close();
  }

  private void start(String yaml) throws IOException {
    Files.writeString(file, BASE + yaml);
    server = Application.start(load(), this::load);
  }

  private ServerConfig load() {
    return ConfigLoader.load(options(), Map.of());
  }

  private ConfigLoader.CommandLine options() {
    return new ConfigLoader.CommandLine(
        Optional.of(file),
        Optional.empty(),
        Optional.of(directory.resolve("data").toString()),
        List.of(),
        false);
  }

  @Test
  void upstream_added_isPulledFrom() throws Exception {
    upstream.manifest("team/app", "1", MANIFEST);
    start("upstreams: []");
    assertThat(get("/v2/team/app/manifests/1?ns=one.example").statusCode()).isEqualTo(404);

    JsonNode answer = reload(upstreams("one.example", ""));

    assertThat(answer.at("/changed/0").asString()).isEqualTo("upstreams one.example added");
    assertThat(get("/v2/team/app/manifests/1?ns=one.example").body()).isEqualTo(bytes(MANIFEST));
    assertThat(get("/v2/one.example/team/app/manifests/1").statusCode()).isEqualTo(200);
    assertThat(metrics())
        .as("it is counted by its own name")
        .contains(
            "lighter_upstream_requests_total{operation=\"manifest_get\",outcome=\"ok\",upstream=\"one.example\"} 1");
  }

  @Test
  void defaultUpstream_changed_isWhatPlainNamesMean() throws Exception {
    upstream.manifest("team/app", "1", MANIFEST);
    start(upstreams("one.example", ""));
    assertThat(get("/v2/team/app/manifests/1").statusCode()).isEqualTo(404);

    reload("defaultUpstream: one.example\n" + upstreams("one.example", ""));

    assertThat(get("/v2/team/app/manifests/1").statusCode()).isEqualTo(200);
    assertThat(get("/v2/team/app/manifests/1").headers().firstValue("OCI-Namespace"))
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
    start(upstreams("one.example", account + wrong));
    for (int i = 0; i < 2; i++) {
      assertThat(get("/v2/one.example/team/app/manifests/1").statusCode()).isEqualTo(403);
    }

    JsonNode answer = reload(upstreams("one.example", account + right));

    assertThat(answer.at("/changed/0").asString()).isEqualTo("upstreams one.example changed");
    assertThat(get("/v2/one.example/team/app/manifests/1").statusCode()).isEqualTo(200);
  }

  /** The limit of the account before does not count for the one after it. */
  @Test
  void credential_changedWhileTheUpstreamLimits_isNotLimited() throws Exception {
    upstream.manifest("team/app", "1", MANIFEST);
    upstream.next(
        ScriptedUpstream.manifestPath("team/app", "1"),
        new Step.Status(429, Map.of("Retry-After", "300")));
    Path password = Files.writeString(directory.resolve("password"), "right\n");
    start(upstreams("one.example", ""));
    for (int i = 0; i < 2; i++) {
      assertThat(get("/v2/one.example/team/app/manifests/1").statusCode()).isEqualTo(429);
    }

    reload(upstreams("one.example", ", username: reader, passwordFile: " + password));

    assertThat(get("/v2/one.example/team/app/manifests/1").statusCode()).isEqualTo(200);
  }

  /** What it sends is sent to the end, and after that nothing is left of it. */
  @Test
  void upstream_removed_isGoneAndWhatIsUnderWayGoesOn() throws Exception {
    byte[] content = content(3_000_000);
    Digest digest = upstream.blob("team/app", content);
    String path = "/v2/team/app/blobs/" + digest;
    start(upstreams("one.example", ""));
    Set<Thread> others = clients();
    var gate = new CountDownLatch(1);
    upstream.always(ScriptedUpstream.blobPath("team/app", digest), new Step.Hold(1_000_000, gate));
    var whole =
        client.sendAsync(request(path + "?ns=one.example").build(), BodyHandlers.ofByteArray());
    await().until(() -> upstream.bytes(ScriptedUpstream.blobPath("team/app", digest)) > 0);
    assertThat(clientsBut(others)).isNotEmpty();

    JsonNode answer = reload("upstreams: []");

    assertThat(answer.at("/changed/0").asString()).isEqualTo("upstreams one.example removed");
    assertThat(get(path + "?ns=one.example").statusCode()).isEqualTo(404);
    assertThat(whole.isDone()).isFalse();
    gate.countDown();
    assertThat(whole.get().body()).isEqualTo(content);
    await().atMost(Duration.ofSeconds(20)).until(() -> clientsBut(others).isEmpty());
    int asked = upstream.requests().size();
    assertThat(get("/v2/one.example/team/other/blobs/" + digest).statusCode()).isEqualTo(404);
    assertThat(upstream.requests()).hasSize(asked);
  }

  /** An upstream that a change leaves as it is keeps its connections. */
  @Test
  void upstream_thatDidNotChange_keepsItsClients() throws Exception {
    upstream.manifest("team/app", "1", MANIFEST);
    start(upstreams("one.example", ""));
    Set<Thread> others = clients();
    assertThat(get("/v2/one.example/team/app/manifests/1").statusCode()).isEqualTo(200);
    Set<Thread> used = clientsBut(others);
    assertThat(used).isNotEmpty();

    reload(upstreams("one.example", "") + "limits: {fills: 7}\n");
    assertThat(clientsBut(others)).isEqualTo(used);

    reload(upstreams("one.example", ", tagTtl: 7m"));
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
    start(access.formatted("pull, push") + "upstreams: []");
    byte[] blob = bytes("a blob");
    Digest digest = Digest.ofSha256(blob);
    assertThat(post("/v2/team/app/blobs/uploads/?digest=" + digest, blob)).isEqualTo(201);
    assertThat(put("/v2/team/app/manifests/1", bytes(MANIFEST))).isEqualTo(201);
    for (int i = 0; i < 3; i++) {
      assertThat(get("/v2/team/app/blobs/" + digest).statusCode()).isEqualTo(200);
      assertThat(get("/v2/team/app/manifests/1").statusCode()).isEqualTo(200);
    }

    reload(access.formatted("push") + "upstreams: []");

    assertThat(get("/v2/team/app/blobs/" + digest).statusCode()).isEqualTo(401);
    assertThat(get("/v2/team/app/manifests/1").statusCode()).isEqualTo(401);
    assertThat(post("/v2/team/app/blobs/uploads/?digest=" + digest, blob)).isEqualTo(201);

    reload(access.formatted("pull") + "upstreams: []");
    assertThat(get("/v2/team/app/blobs/" + digest).statusCode()).isEqualTo(200);
    assertThat(post("/v2/team/app/blobs/uploads/?digest=" + digest, blob)).isEqualTo(401);
  }

  /** A repository that may name what is not there is one after the change. */
  @Test
  void sparse_added_isTaken() throws Exception {
    start("upstreams: []");
    String naming =
        MANIFEST.replace(
            "[]",
            "[{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"size\":9}]"
                .formatted(INDEX, "0".repeat(64)));
    assertThat(put("/v2/team/app/manifests/1", bytes(naming))).isEqualTo(400);

    reload("upstreams: []\nhosted: {sparse: [team/**]}");

    assertThat(put("/v2/team/app/manifests/1", bytes(naming))).isEqualTo(201);
  }

  @Test
  void mistake_changesNothingAndIsSaidAsTheCheckSaysIt() throws Exception {
    upstream.manifest("team/app", "1", MANIFEST);
    start(upstreams("one.example", ""));
    Files.writeString(file, BASE + "upstreams: []\ngc: {removalsPerSecond: 0}\n");

    HttpResponse<byte[]> answer = postReload();

    assertThat(answer.statusCode()).isEqualTo(400);
    String said = JSON.readTree(answer.body()).get("error").asString();
    assertThat(said).isEqualTo(checked()).contains("gc.removalsPerSecond", file.toString());
    assertThat(get("/v2/one.example/team/app/manifests/1").statusCode()).isEqualTo(200);
    assertThat(metrics())
        .contains("lighter_config_reloads_total{outcome=\"refused\"} 1.0")
        .contains("lighter_config_reloads_total{outcome=\"applied\"} 0.0");
    assertThat(overview().at("/configuration/problem").asString()).isEqualTo(said);

    // A file that is named in it is looked at, too.
    Files.writeString(
        file, BASE + upstreams("one.example", ", username: a, passwordFile: /none/there"));
    assertThat(new String(postReload().body(), UTF_8)).contains("/none/there", "does not exist");

    // Nor is it taken in part when the mistake is one that only the making of it finds.
    Path noCertificates = Files.writeString(directory.resolve("ca.pem"), "nothing\n");
    Files.writeString(
        file,
        BASE
            + "openWorld: true\n"
            + upstreams("two.example", ", caCertificates: " + noCertificates));
    assertThat(postReload().statusCode()).isEqualTo(400);
    assertThat(get("/v2/two.example/team/app/manifests/1").statusCode()).isEqualTo(404);
    assertThat(get("/v2/one.example/team/app/manifests/1").statusCode()).isEqualTo(200);

    reload(upstreams("one.example", ""));
    assertThat(overview().at("/configuration/problem").isNull()).isTrue();
    assertThat(metrics()).contains("lighter_config_reloads_total{outcome=\"applied\"} 1.0");
  }

  private String checked() {
    var err = new StringWriter();
    CommandLine commands = Main.commandLine().setErr(new PrintWriter(err));
    int code =
        commands.execute(
            "config",
            "check",
            "--config",
            file.toString(),
            "--data",
            directory.resolve("data").toString());
    assertThat(code).isEqualTo(1);
    return err.toString().strip().replaceFirst("^lighter: ", "");
  }

  @Test
  void keyThatNeedsARestart_isNamedByEverybody() throws Exception {
    start("upstreams: []");

    JsonNode answer =
        reload("upstreams: []\nstorage: {openBlobs: 9, capacity: 3GiB}\nverify: {rate: 1MiB}\n");

    assertThat(texts(answer.get("changed"))).containsExactly("storage.capacity");
    assertThat(texts(answer.get("restart"))).containsExactly("storage.openBlobs", "verify.rate");
    assertThat(texts(overview().at("/configuration/restart")))
        .containsExactly("storage.openBlobs", "verify.rate");
    assertThat(metrics()).contains("lighter_config_restart_keys 2.0");
    assertThat(view("storage").get("capacityBytes").asLong()).isEqualTo(3L << 30);
  }

  @Test
  void imageToPullAhead_added_isPulled() throws Exception {
    upstream.manifest("team/app", "1", MANIFEST);
    start(upstreams("one.example", ""));

    reload(upstreams("one.example", "") + "pull: [{image: one.example/team/app:1}]");

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> upstream.count("GET", ScriptedUpstream.manifestPath("team/app", "1")) > 0);
  }

  @Test
  void collections_madeFrequent_happen() throws Exception {
    start("upstreams: []\ngc: {interval: 0}");
    assertThat(metrics()).contains("lighter_gc_last_success_seconds 0.0");

    reload("upstreams: []\ngc: {interval: 100ms}");

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> !metrics().contains("lighter_gc_last_success_seconds 0.0"));
  }

  @Test
  void command_saysWhatChanged() throws Exception {
    start("upstreams: []");
    Files.writeString(file, BASE + upstreams("one.example", "") + "verify: {rate: 1MiB}\n");
    assertThat(command())
        .isEqualTo("in force: upstreams one.example added\nneeds a restart: verify.rate\n");
    assertThat(command()).isEqualTo("nothing changes\nneeds a restart: verify.rate\n");
  }

  private String command() {
    var out = new StringWriter();
    CommandLine commands = Main.commandLine().setOut(new PrintWriter(out));
    int code =
        commands.execute(
            "config", "reload", "--management", "127.0.0.1:" + server.managementPort());
    assertThat(code).isZero();
    return out.toString();
  }

  /** Kubernetes replaces a link that leads to the directory of all files of a ConfigMap. */
  @Test
  void file_linkOnTheWayIsReplaced_isFollowed() throws Exception {
    upstream.manifest("team/app", "1", MANIFEST);
    Path old = Files.createDirectory(directory.resolve("..2026_1"));
    Path next = Files.createDirectory(directory.resolve("..2026_2"));
    Files.writeString(old.resolve("lighter.yaml"), BASE + "upstreams: []");
    Files.writeString(next.resolve("lighter.yaml"), BASE + upstreams("one.example", ""));
    Files.createSymbolicLink(directory.resolve("..data"), old.getFileName());
    Files.createSymbolicLink(file, Path.of("..data", "lighter.yaml"));
    server = Application.start(load(), this::load);
    server.follow(file);

    Path link = Files.createSymbolicLink(directory.resolve("..data_tmp"), next.getFileName());
    Files.move(link, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> get("/v2/one.example/team/app/manifests/1").statusCode() == 200);
  }

  /** Ranges go on while everything that they are answered by is replaced again and again. */
  @Test
  void reloads_underLoadOfRanges_failNone() throws Exception {
    byte[] content = content(400_000);
    Digest digest = upstream.blob("team/app", content);
    start(variant(0));
    var stop = new AtomicBoolean();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var loads = new ArrayList<Future<Integer>>();
      for (int i = 0; i < 4; i++) {
        int seed = i;
        loads.add(threads.submit(() -> ranges(digest, content, seed, stop)));
      }
      for (int i = 1; i <= 40; i++) {
        reload(variant(i));
      }
      stop.set(true);
      for (Future<Integer> done : loads) {
        assertThat(done.get()).isGreaterThan(1);
      }
    }
  }

  /** The same names by other settings each time. */
  private String variant(int number) {
    return upstreams("one.example", ", tagTtl: %ds".formatted(1 + number))
        + """
        access:
          anonymous: nothing
          rules:
            - {repositories: "one.example/**", users: anonymous, actions: pull}
            - {repositories: "team%d/**", users: anonymous, actions: push}
        """
            .formatted(number);
  }

  private int ranges(Digest digest, byte[] content, int seed, AtomicBoolean stop) throws Exception {
    var random = new Random(seed);
    int count = 0;
    for (; !stop.get() || count == 0; count++) {
      int first = random.nextInt(content.length - 1000);
      HttpResponse<byte[]> answer =
          client.send(
              request("/v2/team/app/blobs/%s?ns=one.example".formatted(digest))
                  .header("Range", "bytes=%d-%d".formatted(first, first + 999))
                  .build(),
              BodyHandlers.ofByteArray());
      assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(206);
      assertThat(answer.body()).isEqualTo(Arrays.copyOfRange(content, first, first + 1000));
    }
    return count;
  }

  private String upstreams(String name, String more) {
    return "upstreams:\n  - {name: %s, endpoint: \"%s\"%s}\n".formatted(name, upstream.uri(), more);
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

  private JsonNode reload(String yaml) throws Exception {
    Files.writeString(file, BASE.replace("defaultUpstream: \"\"\n", defaultOf(yaml)) + yaml);
    HttpResponse<byte[]> answer = postReload();
    assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  /** A key stands in a file once. */
  private static String defaultOf(String yaml) {
    return yaml.contains("defaultUpstream:") ? "" : "defaultUpstream: \"\"\n";
  }

  private HttpResponse<byte[]> postReload() throws Exception {
    return client.send(
        HttpRequest.newBuilder(management("/admin/reload")).POST(BodyPublishers.noBody()).build(),
        BodyHandlers.ofByteArray());
  }

  private JsonNode overview() throws Exception {
    return view("overview");
  }

  private JsonNode view(String name) throws Exception {
    return JSON.readTree(
        client
            .send(
                HttpRequest.newBuilder(management("/admin/" + name)).build(),
                BodyHandlers.ofByteArray())
            .body());
  }

  private String metrics() throws Exception {
    return client
        .send(HttpRequest.newBuilder(management("/metrics")).build(), BodyHandlers.ofString())
        .body();
  }

  private URI management(String path) {
    return URI.create("http://127.0.0.1:%d%s".formatted(server.managementPort(), path));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
        URI.create("http://127.0.0.1:%d%s".formatted(server.port(), path)));
  }

  private HttpResponse<byte[]> get(String path) throws Exception {
    return client.send(request(path).build(), BodyHandlers.ofByteArray());
  }

  private int post(String path, byte[] body) throws Exception {
    return client
        .send(
            request(path).POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.discarding())
        .statusCode();
  }

  private int put(String path, byte[] body) throws Exception {
    return client
        .send(
            request(path)
                .header("Content-Type", INDEX)
                .PUT(BodyPublishers.ofByteArray(body))
                .build(),
            BodyHandlers.discarding())
        .statusCode();
  }

  private static List<String> texts(JsonNode list) {
    return list.valueStream().map(JsonNode::asString).toList();
  }

  private static byte[] content(int length) {
    var content = new byte[length];
    new Random(length).nextBytes(content);
    return content;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
