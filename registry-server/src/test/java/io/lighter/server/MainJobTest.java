package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.conversion.EStargz;
import io.lighter.conversion.ImageConverter;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.ManifestView;
import io.lighter.oci.MediaTypes;
import io.lighter.server.content.View;
import io.lighter.server.upstream.ScriptedUpstream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pull through, convert, answer lazily; push, convert, answer both views. */
class MainJobTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String REPOSITORY = "library/app";

  @TempDir private Path data;
  private final ScriptedUpstream upstream = ScriptedUpstream.start();
  private final TestImage image = TestImage.random(1);
  private TestServer server;

  @BeforeEach
  void start() {
    image.blobs().values().forEach(content -> upstream.blob(REPOSITORY, content));
    publishUpstream(image.manifest(), "1");
    server = TestServer.start(data, upstream.uri(), Duration.ZERO);
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
  }

  @Test
  void pull_threeAddressings_giveTheSameBytesAndCostUpstreamOneDownload() {
    for (String path :
        List.of("/v2/docker.io/library/app", "/v2/docker.io/app", "/v2/library/app")) {
      HttpResponse<byte[]> manifest =
          server.get(path + "/manifests/1", View.HEADER, View.ORIGINAL.headerValue());
      assertThat(manifest.body()).isEqualTo(image.manifest().content());
      assertThat(manifest.headers().firstValue("OCI-Namespace")).contains("docker.io");
    }
    assertThat(
            server
                .get(
                    "/v2/library/app/manifests/1?ns=docker.io",
                    View.HEADER,
                    View.ORIGINAL.headerValue())
                .body())
        .isEqualTo(image.manifest().content());

    image
        .blobs()
        .forEach((digest, content) -> {
          for (String path :
              List.of(
                  "/v2/library/app/blobs/%s?ns=docker.io",
                  "/v2/docker.io/library/app/blobs/%s", "/v2/library/app/blobs/%s")) {
            assertThat(server.get(path.formatted(digest)).body()).isEqualTo(content);
          }
          assertThat(upstream.count("GET", ScriptedUpstream.blobPath(REPOSITORY, digest)))
              .isEqualTo(1);
        });
  }

  @Test
  void tag_afterPull_becomesLazyOnceAndTheOriginalStays() throws IOException {
    String path = "/v2/docker.io/library/app/manifests/1";
    assertThat(server.get(path).body()).isEqualTo(image.manifest().content());
    Manifest lazy = awaitLazy(path);

    assertThat(lazy.view().annotations())
        .containsEntry(ImageConverter.SOURCE_ANNOTATION, image.manifest().digest().toString());
    verifyLazyImage("/v2/docker.io/library/app", lazy);
    assertThat(server.resolve(path, View.ORIGINAL)).isEqualTo(image.manifest().digest());
    assertThat(server.get("/v2/docker.io/library/app/manifests/1-esgz").body())
        .isEqualTo(lazy.content());
    assertThat(
            server.get("/v2/docker.io/library/app/manifests/" + image.manifest().digest()).body())
        .isEqualTo(image.manifest().content());
    assertThat(new String(server.get("/v2/docker.io/library/app/tags/list").body(), UTF_8))
        .contains("[\"1\"]");
  }

  @Test
  void tag_movedUpstream_isOriginalAgainUntilItsOwnConversion() {
    String path = "/v2/docker.io/library/app/manifests/1";
    server.get(path);
    Manifest first = awaitLazy(path);

    TestImage next = TestImage.random(2);
    next.blobs().values().forEach(content -> upstream.blob(REPOSITORY, content));
    publishUpstream(next.manifest(), "1");

    assertThat(server.get(path).body()).isEqualTo(next.manifest().content());
    assertThat(awaitLazy(path).digest()).isNotIn(first.digest(), next.manifest().digest());
    assertThat(server.get("/v2/docker.io/library/app/manifests/" + first.digest()).body())
        .isEqualTo(first.content());
  }

  @Test
  void upstreamGone_bothViewsStillPull() throws IOException {
    String path = "/v2/docker.io/library/app/manifests/1";
    server.get(path);
    Manifest lazy = awaitLazy(path);
    image.blobs().keySet().forEach(blob -> server.get("/v2/docker.io/library/app/blobs/" + blob));
    upstream.close();

    HttpResponse<byte[]> answer = server.get(path);
    assertThat(answer.body()).isEqualTo(lazy.content());
    assertThat(answer.headers().firstValue("Warning").orElseThrow()).startsWith("299 - \"");
    verifyLazyImage("/v2/docker.io/library/app", lazy);
    assertThat(server.get(path, View.HEADER, "original").body())
        .isEqualTo(image.manifest().content());
    image
        .blobs()
        .forEach((digest, content) ->
            assertThat(server.get("/v2/docker.io/library/app/blobs/" + digest).body())
                .isEqualTo(content));
  }

  @Test
  void index_convertsThePulledPlatformAndKeepsTheOthers() {
    TestImage other = TestImage.of("arm64", List.of(Map.of("arm", new byte[] {1})));
    Manifest index = TestImage.index(new LinkedHashMap<>(Map.of("amd64", image, "arm64", other)));
    upstream.manifest(REPOSITORY, "none", new String(other.manifest().content(), UTF_8));
    publishUpstream(index, "multi");
    String path = "/v2/docker.io/library/app/manifests/";
    server.get(path + "multi");
    server.get(path + image.manifest().digest());

    ManifestView lazy = awaitLazy(path + "multi").view();
    assertThat(lazy.mediaType()).isEqualTo(MediaTypes.OCI_INDEX);
    assertThat(lazy.manifests()).hasSize(2);
    assertThat(lazy.manifests())
        .extracting(Descriptor::digest)
        .contains(other.manifest().digest())
        .doesNotContain(image.manifest().digest());
    assertThat(lazy.manifests()).allMatch(child -> child.platform().isPresent());
  }

  @Test
  void index_pulledByDigestFirst_isConvertedOnceItsTagIsPulled() {
    Manifest index = TestImage.index(Map.of("amd64", image));
    upstream.manifest(REPOSITORY, "untagged", new String(index.content(), UTF_8));
    publishUpstream(index, "multi");
    String path = "/v2/docker.io/library/app/manifests/";
    server.get(path + index.digest());
    server.get(path + image.manifest().digest());

    server.get(path + "multi");
    server.get(path + image.manifest().digest());

    assertThat(awaitLazy(path + "multi").view().mediaType()).isEqualTo(MediaTypes.OCI_INDEX);
  }

  @Test
  void index_anotherPlatformPulledLater_isLazyForItToo() {
    TestImage other = TestImage.of("arm64", List.of(Map.of("arm", new byte[] {1})));
    other.blobs().values().forEach(content -> upstream.blob(REPOSITORY, content));
    Manifest index = TestImage.index(new LinkedHashMap<>(Map.of("amd64", image, "arm64", other)));
    upstream.manifest(REPOSITORY, "none", new String(other.manifest().content(), UTF_8));
    publishUpstream(index, "multi");
    String path = "/v2/docker.io/library/app/manifests/";
    server.get(path + "multi");
    server.get(path + image.manifest().digest());
    Manifest first = awaitLazy(path + "multi");

    server.get(path + other.manifest().digest());

    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(
                    Manifest.of(Optional.empty(), server.get(path + "multi").body())
                        .view()
                        .manifests())
                .hasSize(2)
                .extracting(Descriptor::digest)
                .doesNotContain(image.manifest().digest(), other.manifest().digest()));
    assertThat(server.get(path + first.digest()).body()).isEqualTo(first.content());
  }

  @Test
  void push_tagKeepsItsBytesAndLazyViewIsAskedFor() throws IOException {
    server.push("team/app", image, "1");
    String path = "/v2/team/app/manifests/1";
    await().atMost(PATIENCE).until(() -> server.head(path + "-esgz").statusCode() == 200);

    Digest lazy = server.resolve(path, View.LAZY);
    assertThat(lazy).isNotEqualTo(image.manifest().digest());
    assertThat(server.get(path).body()).isEqualTo(image.manifest().content());
    assertThat(server.resolve(path + "-esgz", View.ORIGINAL)).isEqualTo(lazy);
    assertThat(new String(server.get("/v2/team/app/tags/list").body(), UTF_8)).contains("[\"1\"]");
    verifyLazyImage(
        "/v2/team/app",
        Manifest.of(Optional.empty(), server.get("/v2/team/app/manifests/" + lazy).body()));
    assertThat(upstream.requests()).as("nothing of a push goes upstream").isEmpty();
  }

  @Test
  void unconvertibleLayer_imageIsServedAsItIsAndTheReasonIsVisible() {
    TestImage odd = TestImage.ofTars("amd64", List.of(TestImage.tarWithForeignHardLink()));
    server.push("team/odd", odd, "1");

    await()
        .atMost(PATIENCE)
        .until(() ->
            server
                .management("/metrics")
                .contains("lighter_conversion_images_total{outcome=\"unchanged\"} 1.0"));
    assertThat(server.head("/v2/team/odd/manifests/1-esgz").statusCode()).isEqualTo(404);
    assertThat(server.get("/v2/team/odd/manifests/1", View.HEADER, "lazy").body())
        .isEqualTo(odd.manifest().content());
  }

  @Test
  void layerThatMountedWouldHideALinkBelow_staysAsItIs() {
    byte[] link = TestImage.tarWithLink("lib", TarConstants.LF_SYMLINK, "usr/lib");
    byte[] through = TestImage.tar(Map.of("lib/file", new byte[] {1}));
    TestImage odd = TestImage.ofTars("amd64", List.of(link, through));
    server.push("team/odd", odd, "1");
    String path = "/v2/team/odd/manifests/1-esgz";
    await().atMost(PATIENCE).until(() -> server.head(path).statusCode() == 200);

    List<Descriptor> lazy = Manifest.of(Optional.empty(), server.get(path).body()).view().layers();
    assertThat(lazy.get(0).annotations()).containsKey(EStargz.TOC_DIGEST_ANNOTATION);
    assertThat(lazy.get(1).digest()).isEqualTo(odd.layers().get(1).digest());
  }

  @Test
  void restart_loseNothingAndFinishTheConversion() throws IOException {
    server.close();
    server = TestServer.start(data.resolve("second"), 0);
    server.push("team/app", image, "1");
    HttpResponse<byte[]> upload = server.post("/v2/team/app/blobs/uploads/", new byte[0]);
    String location = upload.headers().firstValue("Location").orElseThrow();
    HttpResponse<byte[]> half = server.patch(location, "first ".getBytes(UTF_8));
    assertThat(half.statusCode()).isEqualTo(202);
    server.close();

    server = TestServer.start(data.resolve("second"), 1);
    await()
        .atMost(PATIENCE)
        .until(() -> server.head("/v2/team/app/manifests/1-esgz").statusCode() == 200);
    assertThat(server.get("/v2/team/app/manifests/1").body()).isEqualTo(image.manifest().content());
    verifyLazyImage(
        "/v2/team/app",
        Manifest.of(Optional.empty(), server.get("/v2/team/app/manifests/1-esgz").body()));

    byte[] whole = "first second".getBytes(UTF_8);
    String next = half.headers().firstValue("Location").orElseThrow();
    assertThat(server.get(next).headers().firstValue("Range")).contains("0-5");
    assertThat(
            server
                .put(next + "&digest=" + Digest.ofSha256(whole), "second".getBytes(UTF_8))
                .statusCode())
        .isEqualTo(201);
    assertThat(server.get("/v2/team/app/blobs/" + Digest.ofSha256(whole)).body()).isEqualTo(whole);
  }

  @Test
  void mirroredRepository_refusesPushAndDelete() {
    server.get("/v2/docker.io/library/app/manifests/1");
    assertThat(server.post("/v2/docker.io/library/app/blobs/uploads/", new byte[0]).statusCode())
        .isEqualTo(403);
    assertThat(server.delete("/v2/docker.io/library/app/manifests/1").statusCode()).isEqualTo(403);
    assertThat(server.post("/v2/library/app/blobs/uploads/?ns=docker.io", new byte[0]).statusCode())
        .isEqualTo(403);
  }

  @Test
  void unknownNamespace_is404AndNobodyIsCalled() {
    assertThat(server.get("/v2/a/manifests/1?ns=elsewhere.example").statusCode()).isEqualTo(404);
    assertThat(server.get("/v2/elsewhere.example:5000/a/manifests/1").statusCode()).isEqualTo(404);
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void blobOfPlainName_neverPulled_isUnknownWithoutAskingUpstream() {
    Digest layer = image.layers().getFirst().digest();
    assertThat(server.head("/v2/library/app/blobs/" + layer).statusCode()).isEqualTo(404);
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void coldRange_isAnsweredWithThatRange() {
    server.get("/v2/docker.io/library/app/manifests/1");
    Descriptor layer = image.layers().getFirst();
    HttpResponse<byte[]> answer =
        server.get("/v2/library/app/blobs/" + layer.digest(), "Range", "bytes=1000-1999");

    assertThat(answer.statusCode()).isEqualTo(206);
    assertThat(answer.headers().firstValue("Content-Range"))
        .contains("bytes 1000-1999/" + layer.size());
    assertThat(answer.body())
        .isEqualTo(
            Arrays.copyOfRange(requireNonNull(image.blobs().get(layer.digest())), 1000, 2000));
  }

  @Test
  void management_answersHealthAndMetrics() {
    assertThat(server.management("/health/live")).isEqualTo("live\n");
    assertThat(server.management("/health/ready")).isEqualTo("ready\n");
    server.get("/v2/");
    // A request is counted when its answer is out, and the client may be quicker than that.
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(server.management("/metrics"))
                .contains(
                    "lighter_requests_seconds_count{endpoint=\"Ping\",method=\"GET\",status=\"200\"} 1"));
  }

  private void publishUpstream(Manifest manifest, String tag) {
    upstream.manifest(REPOSITORY, tag, new String(manifest.content(), UTF_8));
  }

  private Manifest awaitLazy(String path) {
    await()
        .atMost(PATIENCE)
        .until(
            () -> server.head(path).headers().firstValue(View.HEADER).equals(Optional.of("lazy")));
    return Manifest.of(Optional.empty(), server.get(path).body());
  }

  /** Every layer is eStargz with the digest it claims, and unpacks to what the original does. */
  private void verifyLazyImage(String repository, Manifest lazy) throws IOException {
    List<Descriptor> layers = lazy.view().layers();
    assertThat(layers).hasSameSizeAs(image.layers());
    for (int i = 0; i < layers.size(); i++) {
      byte[] blob = server.get(repository + "/blobs/" + layers.get(i).digest()).body();
      assertThat(Digest.ofSha256(blob)).isEqualTo(layers.get(i).digest());
      EStargz parsed =
          EStargz.inspect(
                  (position, target) -> {
                    int length = Math.min(target.remaining(), blob.length - (int) position);
                    target.put(ByteBuffer.wrap(blob, (int) position, length));
                    return length;
                  },
                  blob.length)
              .orElseThrow();
      assertThat(layers.get(i).annotations())
          .containsEntry(EStargz.TOC_DIGEST_ANNOTATION, parsed.tocDigest().toString());
      Map<String, Digest> files = unpack(blob);
      files.keySet().removeAll(List.of(".no.prefetch.landmark", "stargz.index.json"));
      assertThat(files)
          .isEqualTo(unpack(requireNonNull(image.blobs().get(image.layers().get(i).digest()))));
    }
  }

  private static Map<String, Digest> unpack(byte[] layer) throws IOException {
    var files = new LinkedHashMap<String, Digest>();
    try (var tar =
        new TarArchiveInputStream(new GZIPInputStream(new ByteArrayInputStream(layer)))) {
      for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        files.put(entry.getName(), Digest.ofSha256(tar.readAllBytes()));
      }
    }
    return files;
  }
}
