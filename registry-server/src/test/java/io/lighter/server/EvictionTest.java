package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.server.config.DataSize;
import io.lighter.server.content.View;
import io.lighter.server.upstream.ScriptedUpstream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cap on what is pulled through, as clients, an operator and upstream see it. */
class EvictionTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String REPOSITORY = "library/app";

  /** Each image has 5 MB; so three are within the limit, and with four something goes. */
  private static final DataSize CAPACITY = new DataSize(20_000_000);

  @TempDir private Path data;
  private final ScriptedUpstream upstream = ScriptedUpstream.start();
  private final List<TestImage> published = new ArrayList<>();
  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start(data, upstream.uri(), 0, CAPACITY);
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
  }

  @Test
  void pull_moreThanTheCapacity_staysBelowItAndKeepsTheLatestAndWhatWasPushed() {
    List<TestImage> images = IntStream.range(0, 8).mapToObj(this::published).toList();
    TestImage pushed = TestImage.random(100);
    server.push("team/app", pushed, "v1");

    for (int i = 0; i < images.size(); i++) {
      pull(images.get(i), i);
      awaitRoom();
    }

    assertThat(isCached(images.getFirst())).isFalse();
    assertThat(isCached(images.getLast())).isTrue();
    pushed
        .blobs()
        .forEach((digest, content) ->
            assertThat(server.get("/v2/team/app/blobs/" + digest).body()).isEqualTo(content));
    assertThat(server.management("/metrics"))
        .containsPattern("lighter_evicted_images_total\\{reason=\"capacity\"} [5-7]")
        .containsPattern("lighter_evicted_bytes_total\\{reason=\"capacity\"} [2-4]\\.[0-9]*E7")
        .contains("lighter_cache_too_full 0");

    pull(images.getFirst(), 0);
    Digest large = large(images.getFirst());
    assertThat(upstream.count("GET", ScriptedUpstream.blobPath(REPOSITORY, large))).isEqualTo(2);
  }

  @Test
  void evict_layerIsBeingRead_readerGetsAllOfIt() throws IOException, InterruptedException {
    TestImage image = published(0);
    pull(image, 0);
    Digest large = large(image);
    try (var client = HttpClient.newHttpClient()) {
      var uri =
          URI.create(
              "http://127.0.0.1:%d/v2/docker.io/library/app/blobs/%s"
                  .formatted(server.port(), large));
      var response = client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        byte[] begin = body.readNBytes(1000);
        for (int i = 1; i < 5; i++) {
          pull(published(i), i);
        }
        await().atMost(PATIENCE).until(() -> !isCached(image));

        byte[] rest = body.readAllBytes();
        byte[] content = requireNonNull(image.blobs().get(large));
        assertThat(begin).isEqualTo(Arrays.copyOf(content, begin.length));
        assertThat(rest).isEqualTo(Arrays.copyOfRange(content, begin.length, content.length));
      }
    }
  }

  @Test
  void convertedContentInUse_originalGoesAndTheLazyImageStays() {
    server.close();
    server = TestServer.start(data, upstream.uri(), 1, CAPACITY);
    TestImage image = published(0);
    String tag = "/v2/docker.io/library/app/manifests/v0";
    pull(image, 0);
    await()
        .atMost(PATIENCE)
        .until(() -> !server.resolve(tag, View.LAZY).equals(image.manifest().digest()));
    Manifest lazy = Manifest.of(Optional.empty(), server.get(tag).body());

    pull(published(1), 1);
    await().atMost(PATIENCE).until(() -> !isCached(image));

    String path = "/v2/docker.io/library/app/";
    assertThat(server.get(path + "manifests/" + lazy.digest()).body()).isEqualTo(lazy.content());
    for (Descriptor layer : lazy.view().layers()) {
      assertThat(Digest.ofSha256(server.get(path + "blobs/" + layer.digest()).body()))
          .isEqualTo(layer.digest());
      assertThat(upstream.count("GET", ScriptedUpstream.blobPath(REPOSITORY, layer.digest())))
          .isZero();
    }
    assertThat(server.get(tag).body()).isEqualTo(lazy.content());
  }

  @Test
  void evictCommand_nothingToDo_saysSo() {
    assertThat(run("evict")).isEqualToIgnoringNewLines("cached content is within its limits");
    assertThat(run("evict", "--dry-run")).startsWith("cached content is within its limits");
    assertThat(server.admin("/admin/evict?dryRun=perhaps").statusCode()).isEqualTo(400);
  }

  private TestImage published(int number) {
    TestImage image = TestImage.random(number);
    published.add(image);
    image.blobs().values().forEach(content -> upstream.blob(REPOSITORY, content));
    upstream.manifest(REPOSITORY, "v" + number, new String(image.manifest().content(), UTF_8));
    return image;
  }

  private void pull(TestImage image, int number) {
    String path = "/v2/docker.io/library/app/";
    assertThat(server.get(path + "manifests/v" + number, View.HEADER, "original").body())
        .isEqualTo(image.manifest().content());
    image
        .blobs()
        .forEach((digest, content) ->
            assertThat(server.get(path + "blobs/" + digest).body()).isEqualTo(content));
  }

  private static Digest large(TestImage image) {
    return image.blobs().entrySet().stream()
        .filter(blob -> blob.getValue().length > 1_000_000)
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  private boolean isCached(TestImage image) {
    String hex = large(image).hex();
    return data.resolve("blobs/sha256").resolve(hex.substring(0, 2)).resolve(hex).toFile().exists();
  }

  private void awaitRoom() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          assertThat(server.metric("lighter_cache_bytes")).isPositive();
          assertThat(cachedFiles()).isLessThan(CAPACITY.bytes());
        });
  }

  /** Bytes of the large layers that upstream has, as the disk has them. */
  private long cachedFiles() {
    return published.stream()
        .filter(this::isCached)
        .mapToLong(image -> requireNonNull(image.blobs().get(large(image))).length)
        .sum();
  }

  private String run(String... command) {
    var out = new StringWriter();
    var arguments = new ArrayList<>(List.of(command));
    arguments.addAll(List.of("--management", "127.0.0.1:" + server.managementPort()));
    int status =
        Main.commandLine().setOut(new PrintWriter(out)).execute(arguments.toArray(String[]::new));
    assertThat(status).isZero();
    return out.toString();
  }
}
