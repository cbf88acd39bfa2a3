package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.content.View;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Garbage collection as an operator sees it, over HTTP and by the command line. */
class GarbageTest {
  private static final Duration GRACE = Duration.ofSeconds(1);
  private static final Duration RETENTION = Duration.ofSeconds(2);

  @TempDir Path data;
  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start(data, 1, gc(Duration.ZERO));
  }

  private static ServerConfig.Gc gc(Duration interval) {
    return new ServerConfig.Gc(interval, GRACE, RETENTION, 10_000);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void gc_deletedImage_dryRunNamesItAndARunRemovesIt() {
    TestImage kept = TestImage.random(1);
    TestImage gone = TestImage.random(2);
    // The small layer is the same if both were made in the same second.
    var onlyGone = new HashSet<>(gone.blobs().keySet());
    onlyGone.removeAll(kept.blobs().keySet());
    server.push("app", kept, "kept");
    server.push("app", gone, "gone");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> isLazy("/v2/app/manifests/gone") && isLazy("/v2/app/manifests/kept"));
    assertThat(server.delete("/v2/app/manifests/gone").statusCode()).isEqualTo(202);

    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(run("gc", "--dry-run"))
                .contains(
                    "manifest ", "app@" + gone.manifest().digest(), "would remove 2 manifests"));
    for (Digest blob : onlyGone) {
      assertThat(run("gc", "--dry-run")).contains("blob ", blob.toString());
      assertThat(file(blob)).exists();
    }

    assertThat(run("gc")).containsPattern("^removed 2 manifests, [0-9]+ links, [0-9]+ conv");

    for (Digest blob : onlyGone) {
      assertThat(server.head("/v2/app/blobs/" + blob).statusCode()).isEqualTo(404);
      assertThat(file(blob)).doesNotExist();
    }
    kept.blobs()
        .forEach((blob, content) ->
            assertThat(server.get("/v2/app/blobs/" + blob).body()).isEqualTo(content));
    assertThat(isLazy("/v2/app/manifests/kept")).isTrue();
    assertThat(run("gc")).startsWith("removed 0 manifests, 0 links, 0 conversions, 0 blobs");
    assertThat(server.management("/metrics"))
        .contains("lighter_gc_removed_total{kind=\"manifest\"} 2.0")
        .contains("lighter_gc_runs_seconds_count{outcome=\"complete\"} 2")
        .containsPattern("lighter_gc_last_success_seconds 1\\.[0-9]+E9");
  }

  @Test
  void gc_rangesOfALinkedBlobGoOn_blobStaysUntilTheyEnd() {
    byte[] content = "read all the time".getBytes(UTF_8);
    Digest blob = Digest.ofSha256(content);
    server.pushBlob("app", blob, content);
    long end = System.nanoTime() + RETENTION.multipliedBy(2).toNanos();
    while (System.nanoTime() < end) {
      assertThat(server.get("/v2/app/blobs/" + blob, "Range", "bytes=0-3").body())
          .isEqualTo("read".getBytes(UTF_8));
      run("gc");
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> run("gc").contains(" 1 blobs"));
    assertThat(server.get("/v2/app/blobs/" + blob, "Range", "bytes=0-3").statusCode())
        .isEqualTo(404);
  }

  @Test
  void gc_scheduled_runsByItself() {
    server.close();
    server = TestServer.start(data, 0, gc(Duration.ofMillis(200)));
    byte[] content = "nobody wants this".getBytes(UTF_8);
    Digest blob = Digest.ofSha256(content);
    server.pushBlob("app", blob, content);

    await().atMost(Duration.ofSeconds(30)).until(() -> !Files.exists(file(blob)));
  }

  @Test
  void gc_badParameter_refused() {
    assertThat(server.admin("/admin/gc?dryRun=maybe").statusCode()).isEqualTo(400);
    assertThat(server.admin("/admin/gc?force=true").statusCode()).isEqualTo(400);
  }

  @Test
  void gc_noServer_saysSo() {
    server.close();
    var error = new StringWriter();
    int status =
        Main.commandLine()
            .setErr(new PrintWriter(error))
            .execute("gc", "--management", "127.0.0.1:1");

    assertThat(status).isNotZero();
    assertThat(error.toString()).contains("no server answers at 127.0.0.1:1", "lighter serve");
    server = TestServer.start(data, 0, gc(Duration.ZERO));
  }

  private boolean isLazy(String path) {
    return !server.resolve(path, View.LAZY).equals(server.resolve(path, View.ORIGINAL));
  }

  private Path file(Digest blob) {
    return data.resolve("blobs/sha256").resolve(blob.hex().substring(0, 2)).resolve(blob.hex());
  }

  /** What a command prints that is told where this server is. */
  private String run(String command, String... options) {
    var out = new StringWriter();
    CommandLine line = Main.commandLine().setOut(new PrintWriter(out));
    String[] arguments = new String[options.length + 3];
    arguments[0] = command;
    arguments[1] = "--management";
    arguments[2] = "127.0.0.1:" + server.managementPort();
    System.arraycopy(options, 0, arguments, 3, options.length);
    assertThat(line.execute(arguments)).isZero();
    return out.toString();
  }
}
