package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.server.config.FreeSpace;
import io.lighter.server.upstream.ScriptedUpstream;
import io.lighter.server.upstream.ScriptedUpstream.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** What clients see of a disk that is not full yet, but has less room than is to stay free. */
class DiskFloorServerTest {
  private static final FreeSpace NONE = new FreeSpace(0, 0);

  /** More than any disk has. */
  private static final FreeSpace ALL = new FreeSpace(1L << 55, 0);

  private static final String REPOSITORY = "library/app";
  private static final String MIRRORED = "/v2/docker.io/library/app/blobs/";

  private final ScriptedUpstream upstream = ScriptedUpstream.start();
  private final byte[] content = random(3_000_000, 1);

  @TempDir private Path data;

  @AfterEach
  void stop() {
    upstream.close();
  }

  @Test
  void push_belowTheFloor_507SaysWhyAndWhatIsStoredIsServed() {
    TestImage image = TestImage.random(1);
    try (var server = TestServer.start(data, upstream.uri(), NONE)) {
      server.push("team/app", image, "1");
    }
    try (var server = TestServer.start(data, upstream.uri(), ALL)) {
      Digest digest = Digest.ofSha256(content);
      for (HttpResponse<byte[]> refused :
          List.of(
              server.post("/v2/team/app/blobs/uploads/", new byte[0]),
              server.post("/v2/team/app/blobs/uploads/?digest=" + digest, content))) {
        assertThat(refused.statusCode()).isEqualTo(507);
        assertThat(new String(refused.body(), UTF_8))
            .contains("UNAVAILABLE", "MiB free and keeps", "storage.minFree");
      }

      assertThat(server.get("/v2/team/app/manifests/1").body())
          .isEqualTo(image.manifest().content());
      image
          .blobs()
          .forEach((stored, bytes) ->
              assertThat(server.get("/v2/team/app/blobs/" + stored).body()).isEqualTo(bytes));
      assertThat(server.metric("lighter_storage_refused_total")).isEqualTo(2);
      assertThat(server.metric("lighter_storage_room_bytes")).isNegative();
    }
  }

  @Test
  void pull_belowTheFloor_passesThroughAndIsNotKept() {
    Digest digest = upstream.blob(REPOSITORY, content);
    String path = ScriptedUpstream.blobPath(REPOSITORY, digest);
    upstream.next(path, new Step.Honest()); // The question how large it is.
    upstream.next(path, new Step.Cut(1_000_000)); // It goes on where it was.
    try (var server = TestServer.start(data, upstream.uri(), ALL)) {
      assertThat(server.get(MIRRORED + digest).body()).isEqualTo(content);
      assertThat(server.get(MIRRORED + digest).body()).isEqualTo(content);

      var range = server.get(MIRRORED + digest, "Range", "bytes=100000-150000");
      assertThat(range.statusCode()).isEqualTo(206);
      assertThat(range.body()).isEqualTo(Arrays.copyOfRange(content, 100_000, 150_001));

      assertThat(upstream.bytes(path)).isGreaterThanOrEqualTo(2L * content.length);
      assertThat(files(data.resolve("blobs")) + files(data.resolve("partial"))).isZero();
    }
  }

  @Test
  void pull_belowTheFloorAndUpstreamSendsSomethingElse_bodyIsBrokenOff() {
    Digest digest = upstream.blob(REPOSITORY, content);
    String path = ScriptedUpstream.blobPath(REPOSITORY, digest);
    upstream.next(path, new Step.Honest()); // The question how large it is.
    upstream.next(path, new Step.Content(random(content.length, 2)));
    try (var server = TestServer.start(data, upstream.uri(), ALL)) {
      assertThatThrownBy(() -> server.get(MIRRORED + digest))
          .isInstanceOf(UncheckedIOException.class);
    }
  }

  /** Needs the small disk that {@link FullDiskServerTest} describes. */
  @Test
  @EnabledIfSystemProperty(named = FullDiskServerTest.PROPERTY, matches = ".+")
  void push_cachedContentIsInTheWay_isEvictedFirst() throws IOException {
    Path disk = Path.of(System.getProperty(FullDiskServerTest.PROPERTY));
    Path store = Files.createTempDirectory(disk, "floor");
    long free = Files.getFileStore(disk).getUsableSpace();
    List<TestImage> images = Stream.of(1, 2, 3).map(TestImage::random).toList();
    try (var server =
        TestServer.start(store, upstream.uri(), new FreeSpace(free - 24_000_000, 0))) {
      for (TestImage image : images) {
        image.blobs().values().forEach(bytes -> upstream.blob(REPOSITORY, bytes));
        upstream.manifest(REPOSITORY, "1", new String(image.manifest().content(), UTF_8));
        String manifest = "/v2/docker.io/library/app/manifests/" + image.manifest().digest();
        assertThat(server.get(manifest).statusCode()).isEqualTo(200);
        image
            .blobs()
            .forEach((digest, bytes) ->
                assertThat(server.get(MIRRORED + digest).body()).isEqualTo(bytes));
      }
      byte[] pushed = random(12_000_000, 9);
      String upload = "/v2/team/app/blobs/uploads/?digest=" + Digest.ofSha256(pushed);

      // What was pulled in the last seconds counts as in use.
      assertThat(server.post(upload, pushed).statusCode()).isEqualTo(507);
      await()
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofSeconds(1))
          .until(() -> server.post(upload, pushed).statusCode() == 201);
      assertThat(server.management("/metrics"))
          .containsPattern("lighter_evicted_images_total\\{reason=\"free-space\"} [1-3]");
    } finally {
      delete(store);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted((one, other) -> other.compareTo(one)).toList()) {
        Files.delete(file);
      }
    }
  }

  private static long files(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] random(int size, int seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
