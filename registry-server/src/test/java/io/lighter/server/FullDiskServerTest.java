package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What clients see of a disk that is full. The property {@code lighter.test.smallDisk} names a
 * directory on a file system of 32 to 128 MiB that nothing else uses at the time.
 */
@EnabledIfSystemProperty(named = FullDiskServerTest.PROPERTY, matches = ".+")
class FullDiskServerTest {
  static final String PROPERTY = "lighter.test.smallDisk";

  private static final int FULL = 507;
  private static final int CHUNK = 200_000;

  private final TestImage image = TestImage.random(1);
  private Path data;
  private Path ballast;
  private TestServer server;

  @BeforeEach
  void start() {
    Path disk = Path.of(System.getProperty(PROPERTY));
    data = disk.resolve("server");
    ballast = disk.resolve("server-ballast");
    server = TestServer.start(data, 0);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    Files.deleteIfExists(ballast);
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void full_inTheMidstOfAnUpload_507ThenTheUploadGoesOn() throws IOException {
    byte[] content = new byte[2 * CHUNK];
    new Random(1).nextBytes(content);
    String location = location(server.post("/v2/team/app/blobs/uploads/", new byte[0]));
    var first = server.patch(location, chunk(content, 0));
    assertThat(first.statusCode()).isEqualTo(202);

    fill();
    var refused = server.patch(location(first), chunk(content, 1));
    assertThat(refused.statusCode()).isEqualTo(FULL);
    assertThat(new String(refused.body(), UTF_8)).contains("disk is full");

    Files.delete(ballast);
    var state = server.get(location(first));
    assertThat(state.headers().firstValue("Range")).contains("0-" + (CHUNK - 1));
    var second = server.patch(location(state), chunk(content, 1));
    assertThat(second.statusCode()).isEqualTo(202);
    Digest digest = Digest.ofSha256(content);
    var committed = server.put(location(second) + "&digest=" + digest, new byte[0]);
    assertThat(committed.statusCode()).isEqualTo(201);
    assertThat(server.get("/v2/team/app/blobs/" + digest).body()).isEqualTo(content);
  }

  @Test
  void full_whenMetadataIsWritten_507ThenPushesGoOnWithoutARestart() throws IOException {
    server.push("team/app", image, "1");

    fill();
    int tags = 0;
    // RocksDB's log may have room left in its last block.
    while (tag("full-" + tags).statusCode() == 201) {
      tags++;
    }
    assertThat(tag("again").statusCode()).isEqualTo(FULL);
    assertThat(server.get("/v2/team/app/manifests/1").body()).isEqualTo(image.manifest().content());

    Files.delete(ballast);
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(tag("after").statusCode()).isEqualTo(201));
    for (int i = 0; i < tags; i++) {
      assertThat(server.get("/v2/team/app/manifests/full-" + i).statusCode()).isEqualTo(200);
    }
  }

  private HttpResponse<byte[]> tag(String tag) {
    return server.put(
        "/v2/team/app/manifests/" + tag,
        image.manifest().content(),
        "Content-Type",
        image.manifest().mediaType());
  }

  private static byte[] chunk(byte[] content, int number) {
    return Arrays.copyOfRange(content, number * CHUNK, (number + 1) * CHUNK);
  }

  private static String location(HttpResponse<byte[]> answer) {
    return answer.headers().firstValue("Location").orElseThrow();
  }

  private void fill() throws IOException {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(ballast)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left on device");
    }
  }
}
