package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.server.content.View;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code lighter bench} against Lighter: what both understand by ranges is the same. */
class BenchTest {
  private static final String REPOSITORY = "team/app";

  @TempDir private Path directory;
  private TestServer server;
  private final StringWriter out = new StringWriter();

  @BeforeEach
  void start() {
    server = TestServer.start(directory.resolve("data"), 1);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private int bench(String... arguments) {
    var printer = new PrintWriter(out, true);
    return Main.commandLine().setOut(printer).setErr(printer).execute(arguments);
  }

  private String host() {
    return "localhost:" + server.port();
  }

  @Test
  void range_everyByteVerified_isRight() throws IOException {
    var content = new byte[3_000_000];
    new Random(1).nextBytes(content);
    Digest digest = Digest.ofSha256(content);
    server.pushBlob(REPOSITORY, digest, content);
    Path file = Files.write(directory.resolve("blob"), content);
    int code =
        bench(
            "bench",
            "range",
            host() + "/" + REPOSITORY + "@" + digest,
            "--size",
            "1,4Ki,50000,1Mi,8x4Ki,64x1000,whole",
            "--align",
            "1",
            "--count",
            "200",
            "--warm-up",
            "0s",
            "--verify",
            file.toString());
    assertThat(code).as(out.toString()).isZero();
  }

  @Test
  void lazyAndReplay_convertedImage_areAnsweredRight() {
    TestImage image = TestImage.random(5);
    server.push(REPOSITORY, image, "1");
    String manifest = "/v2/" + REPOSITORY + "/manifests/1";
    Digest original = image.manifest().digest();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !server.resolve(manifest, View.LAZY).equals(original));
    List<String> name = List.of(host() + "/" + REPOSITORY + ":1", "-H", "Lighter-View: lazy");
    assertThat(bench("bench", "lazy", name.get(0), name.get(1), name.get(2), "--nodes", "3"))
        .as(out.toString())
        .isZero();
    assertThat(out.toString()).contains("2 of 2 layers are lazy", "node: ready", "footer");
    Path trace = directory.resolve("trace");
    writeTrace(trace);
    assertThat(
            bench(
                "bench",
                "replay",
                trace.toString(),
                name.get(0),
                name.get(1),
                name.get(2),
                "--nodes",
                "2"))
        .as(out.toString())
        .isZero();
    assertThat(out.toString()).contains("5 of 5 requests");
  }

  /** Two blobs that the image does not have: its layers stand for them. */
  private static void writeTrace(Path file) {
    String trace =
        """
        {"format":"lighter-trace 1","source":"test","ready":50.0}
        {"at":0,"took":1,"lane":0,"method":"HEAD","manifest":"x","status":200}
        {"at":2,"took":1,"lane":0,"method":"GET","manifest":"sha256:0","status":200}
        {"at":4,"took":1,"lane":1,"method":"GET","blob":"a","size":90000,"ranges":"0-1","status":206}
        {"at":4,"took":1,"lane":2,"method":"HEAD","blob":"a","size":90000,"status":200}
        {"at":6,"took":1,"lane":2,"method":"GET","blob":"b","size":70000,"ranges":"0-99,200-299","status":206}
        """;
    try {
      Files.writeString(file, trace);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
