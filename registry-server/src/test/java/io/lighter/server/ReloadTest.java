package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.server.upstream.Images;
import io.lighter.server.upstream.ScriptedUpstream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A configuration that is read again while the server runs, by a request, the command or because
 * its file changed: what is said of it, and that nobody is disturbed. What the keys then do is in
 * {@link ReloadedKeysTest}.
 */
@Timeout(120)
class ReloadTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String MANIFEST = Images.listing(List.of());

  private final ReloadedConfig config;
  private final ScriptedUpstream upstream;
  private final Path directory;

  ReloadTest(@TempDir Path directory) {
    this.directory = directory;
    config = new ReloadedConfig(directory);
    upstream = config.upstream;
  }

  @AfterEach
  void stop() {
    config.close();
  }

  @Test
  void mistake_changesNothingAndIsSaidAsTheCheckSaysIt() throws Exception {
    upstream.manifest("team/app", "1", MANIFEST);
    TestServer server = config.start(config.upstreams("one.example", ""));
    config.write("upstreams: []\ngc: {removalsPerSecond: 0}\n");

    HttpResponse<byte[]> answer = server.admin("/admin/reload");

    assertThat(answer.statusCode()).isEqualTo(400);
    String said = JSON.readTree(answer.body()).get("error").asString();
    assertThat(said).isEqualTo(checked()).contains("gc.removalsPerSecond", config.file.toString());
    assertThat(server.get("/v2/one.example/team/app/manifests/1").statusCode()).isEqualTo(200);
    assertThat(server.management("/metrics"))
        .contains("lighter_config_reloads_total{outcome=\"refused\"} 1.0")
        .contains("lighter_config_reloads_total{outcome=\"applied\"} 0.0");
    assertThat(view(server, "overview").at("/configuration/problem").asString()).isEqualTo(said);

    // A file that is named in it is looked at, too.
    config.write(config.upstreams("one.example", ", username: a, passwordFile: /none/there"));
    assertThat(new String(server.admin("/admin/reload").body(), UTF_8))
        .contains("/none/there", "does not exist");

    // Nor is it taken in part when the mistake is one that only the making of it finds.
    Path noCertificates = Files.writeString(directory.resolve("ca.pem"), "nothing\n");
    config.write(
        "openWorld: true\n"
            + config.upstreams("two.example", ", caCertificates: " + noCertificates));
    assertThat(server.admin("/admin/reload").statusCode()).isEqualTo(400);
    assertThat(server.get("/v2/two.example/team/app/manifests/1").statusCode()).isEqualTo(404);
    assertThat(server.get("/v2/one.example/team/app/manifests/1").statusCode()).isEqualTo(200);

    config.reload(config.upstreams("one.example", ""));
    assertThat(view(server, "overview").at("/configuration/problem").isNull()).isTrue();
    assertThat(server.management("/metrics"))
        .contains("lighter_config_reloads_total{outcome=\"applied\"} 1.0");
  }

  @Test
  void keyThatNeedsARestart_isNamedByEverybody() throws Exception {
    TestServer server = config.start("upstreams: []");

    JsonNode answer =
        config.reload(
            "upstreams: []\nstorage: {openBlobs: 9, capacity: 3GiB}\nverify: {rate: 1MiB}\n");

    assertThat(texts(answer.get("changed"))).containsExactly("storage.capacity");
    assertThat(texts(answer.get("restart"))).containsExactly("storage.openBlobs", "verify.rate");
    assertThat(texts(view(server, "overview").at("/configuration/restart")))
        .containsExactly("storage.openBlobs", "verify.rate");
    assertThat(server.management("/metrics")).contains("lighter_config_restart_keys 2.0");
    assertThat(view(server, "storage").get("capacityBytes").asLong()).isEqualTo(3L << 30);
  }

  @Test
  void command_saysWhatChanged() throws Exception {
    TestServer server = config.start("upstreams: []");
    config.write(config.upstreams("one.example", "") + "verify: {rate: 1MiB}\n");
    assertThat(command(server))
        .isEqualTo("in force: upstreams one.example added\nneeds a restart: verify.rate\n");
    assertThat(command(server)).isEqualTo("nothing changes\nneeds a restart: verify.rate\n");
  }

  /** Kubernetes replaces a link that leads to the directory of all files of a ConfigMap. */
  @Test
  void file_linkOnTheWayIsReplaced_isFollowed() throws Exception {
    upstream.manifest("team/app", "1", MANIFEST);
    Path old = Files.createDirectory(directory.resolve("..2026_1"));
    Path next = Files.createDirectory(directory.resolve("..2026_2"));
    ReloadedConfig.write(old.resolve("lighter.yaml"), "upstreams: []");
    ReloadedConfig.write(next.resolve("lighter.yaml"), config.upstreams("one.example", ""));
    Files.createSymbolicLink(directory.resolve("..data"), old.getFileName());
    Files.createSymbolicLink(config.file, Path.of("..data", "lighter.yaml"));
    TestServer server = config.start();
    server.follow(config.file);

    Path link = Files.createSymbolicLink(directory.resolve("..data_tmp"), next.getFileName());
    Files.move(link, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> server.get("/v2/one.example/team/app/manifests/1").statusCode() == 200);
  }

  /** Ranges go on while everything that they are answered by is replaced again and again. */
  @Test
  void reloads_underLoadOfRanges_failNone() throws Exception {
    byte[] content = Images.random(400_000, 1);
    Digest digest = upstream.blob("team/app", content);
    TestServer server = config.start(variant(0));
    var stop = new AtomicBoolean();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var loads = new ArrayList<Future<Integer>>();
      for (int i = 0; i < 4; i++) {
        int seed = i;
        loads.add(threads.submit(() -> ranges(server, digest, content, seed, stop)));
      }
      for (int i = 1; i <= 40; i++) {
        config.reload(variant(i));
      }
      stop.set(true);
      for (Future<Integer> done : loads) {
        assertThat(done.get()).isGreaterThan(1);
      }
    }
  }

  private String checked() {
    var err = new StringWriter();
    CommandLine commands = Main.commandLine().setErr(new PrintWriter(err));
    int code =
        commands.execute(
            "config",
            "check",
            "--config",
            config.file.toString(),
            "--data",
            config.data.toString());
    assertThat(code).isEqualTo(1);
    return err.toString().strip().replaceFirst("^lighter: ", "");
  }

  private static String command(TestServer server) {
    var out = new StringWriter();
    CommandLine commands = Main.commandLine().setOut(new PrintWriter(out));
    int code =
        commands.execute(
            "config", "reload", "--management", "127.0.0.1:" + server.managementPort());
    assertThat(code).isZero();
    return out.toString();
  }

  /** The same names by other settings each time. */
  private String variant(int number) {
    return config.upstreams("one.example", ", tagTtl: %ds".formatted(1 + number))
        + """
        access:
          anonymous: nothing
          rules:
            - {repositories: "one.example/**", users: anonymous, actions: pull}
            - {repositories: "team%d/**", users: anonymous, actions: push}
        """
            .formatted(number);
  }

  private static int ranges(
      TestServer server, Digest digest, byte[] content, int seed, AtomicBoolean stop) {
    var random = new Random(seed);
    int count = 0;
    for (; !stop.get() || count == 0; count++) {
      int first = random.nextInt(content.length - 1000);
      HttpResponse<byte[]> answer =
          server.get(
              "/v2/team/app/blobs/%s?ns=one.example".formatted(digest),
              "Range",
              "bytes=%d-%d".formatted(first, first + 999));
      assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(206);
      assertThat(answer.body()).isEqualTo(Arrays.copyOfRange(content, first, first + 1000));
    }
    return count;
  }

  private static JsonNode view(TestServer server, String name) {
    return JSON.readTree(server.management("/admin/" + name));
  }

  private static List<String> texts(JsonNode list) {
    return list.valueStream().map(JsonNode::asString).toList();
  }
}
