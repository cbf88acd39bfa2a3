package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.luben.zstd.Zstd;
import io.lighter.conversion.ImageConverter;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.MediaTypes;
import io.lighter.server.content.View;
import io.lighter.server.upstream.ScriptedUpstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that are not made of gzipped OCI layers alone, and things that are no images. */
class ConvertedContentTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String REPOSITORY = "library/odd";
  private static final String PATH = "/v2/docker.io/library/odd/manifests/";
  private static final String FOREIGN = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";

  @TempDir private Path data;
  private final ScriptedUpstream upstream = ScriptedUpstream.start();
  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start(data, upstream.uri(), Duration.ZERO);
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
  }

  /** A layer and what it unpacks to. */
  @SuppressWarnings("ArrayRecordComponent") // Only carried, never compared.
  private record Layer(String mediaType, byte[] blob, Digest diffId) {
    static Layer of(String mediaType, String file) throws IOException {
      byte[] tar = TestImage.tar(Map.of(file, file.getBytes(UTF_8)));
      byte[] blob = mediaType.endsWith("zstd") ? Zstd.compress(tar) : gzip(tar);
      return new Layer(mediaType, blob, Digest.ofSha256(tar));
    }
  }

  @Test
  void dockerImageWithZstdLayers_becomesAnOciImage() throws IOException {
    image(
        "1",
        "",
        Layer.of(MediaTypes.DOCKER_LAYER_ZSTD, "a"),
        Layer.of(MediaTypes.DOCKER_LAYER_GZIP, "b"));

    Manifest lazy = pullUntilLazy("1");
    assertThat(lazy.mediaType()).isEqualTo(MediaTypes.OCI_MANIFEST);
    assertThat(lazy.view().config().orElseThrow().mediaType()).isEqualTo(MediaTypes.OCI_CONFIG);
    assertThat(lazy.view().layers())
        .hasSize(2)
        .allMatch(layer -> layer.mediaType().equals(MediaTypes.OCI_LAYER_GZIP))
        .allMatch(
            layer -> layer.annotations().containsKey("containerd.io/snapshot/stargz/toc.digest"));
  }

  @Test
  void foreignLayer_staysWithAllAboveIt() throws IOException {
    Layer top = Layer.of(MediaTypes.DOCKER_LAYER_GZIP, "c");
    Layer foreign = Layer.of(FOREIGN, "b");
    image("1", "", Layer.of(MediaTypes.DOCKER_LAYER_GZIP, "a"), foreign, top);

    List<Descriptor> layers = pullUntilLazy("1").view().layers();
    assertThat(layers.get(0).annotations()).containsKey("containerd.io/snapshot/stargz/toc.digest");
    assertThat(layers.get(1).digest()).isEqualTo(Digest.ofSha256(foreign.blob()));
    assertThat(layers.get(1).mediaType())
        .isEqualTo("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip");
    assertThat(layers.get(2).digest()).isEqualTo(Digest.ofSha256(top.blob()));
  }

  @Test
  void foreignLowestLayer_nothingIsConverted() throws IOException {
    Manifest original =
        image("1", "", Layer.of(FOREIGN, "a"), Layer.of(MediaTypes.DOCKER_LAYER_GZIP, "b"));
    server.get(PATH + "1");

    awaitUnchanged();
    assertThat(server.get(PATH + "1").body()).isEqualTo(original.content());
  }

  @Test
  void nestedIndexWithUnknownChildren_onlyTheImageChanges() throws IOException {
    Manifest image = image("inner-image", "", Layer.of(MediaTypes.OCI_LAYER_GZIP, "a"));
    Manifest artifact = artifact("artifact");
    String unknown =
        "{\"mediaType\":\"application/x.unknown+json\",\"digest\":\"%s\",\"size\":2,\"x\":1.50}"
            .formatted(Digest.ofSha256("{}".getBytes(UTF_8)));
    Manifest inner = index("inner", json(image), json(artifact), unknown);
    index("outer", json(inner), unknown);
    for (Manifest each : List.of(inner, artifact)) {
      server.get(PATH + each.digest());
    }
    server.get(PATH + "outer");
    server.get(PATH + image.digest());

    Manifest outer = awaitLazy("outer");
    List<Descriptor> outerChildren = outer.view().manifests();
    assertThat(outerChildren).hasSize(2);
    Manifest lazyInner =
        Manifest.of(Optional.empty(), server.get(PATH + outerChildren.getFirst().digest()).body());
    assertThat(lazyInner.view().annotations())
        .containsEntry(ImageConverter.SOURCE_ANNOTATION, inner.digest().toString());
    List<Digest> children = lazyInner.view().manifests().stream().map(Descriptor::digest).toList();
    assertThat(children).hasSize(3).doesNotContain(image.digest()).contains(artifact.digest());
    assertThat(new String(lazyInner.content(), UTF_8)).contains(unknown);
    assertThat(new String(outer.content(), UTF_8)).contains(unknown);
  }

  @Test
  void artifact_isUntouched() {
    Manifest artifact = artifact("1");
    server.get(PATH + "1");

    awaitUnchanged();
    assertThat(server.get(PATH + "1").body()).isEqualTo(artifact.content());
    assertThat(server.head(PATH + "1-esgz").statusCode()).isEqualTo(404);
  }

  @Test
  void config_whatNobodyKnows_isKeptAsItIs() throws IOException {
    String odd =
        "\"x\":{\"big\":12345678901234567890123,\"exact\":1.10,\"none\":null,\"text\":\"\\u00e9 €\",\"list\":[1,[]]},";
    image("1", odd, Layer.of(MediaTypes.OCI_LAYER_GZIP, "a"));

    Descriptor config = pullUntilLazy("1").view().config().orElseThrow();
    assertThat(
            new String(
                server.get("/v2/docker.io/library/odd/blobs/" + config.digest()).body(), UTF_8))
        .startsWith("{" + odd.replace("\\u00e9", "é") + "\"os\":\"linux\",")
        .endsWith("\"zz\":0}");
  }

  @Test
  void subject_whenAskedFor_listsTheCopyAmongTheOriginalsReferrers() throws IOException {
    Manifest original = image("1", "", Layer.of(MediaTypes.OCI_LAYER_GZIP, "a"));
    String referrers = "/v2/docker.io/library/odd/referrers/" + original.digest();
    Manifest without = pullUntilLazy("1");
    assertThat(without.view().subject()).isEmpty();
    assertThat(without.view().annotations()).containsKey(ImageConverter.VERSION_ANNOTATION);
    assertThat(new String(server.get(referrers).body(), UTF_8)).contains("\"manifests\":[]");
    server.close();

    server =
        TestServer.start(
            data.resolve("second"), upstream.uri(), TestServer.conversionWithSubject());
    Manifest lazy = pullUntilLazy("1");
    assertThat(lazy.view().subject().map(Descriptor::digest)).contains(original.digest());
    assertThat(new String(server.get(referrers).body(), UTF_8))
        .contains(lazy.digest().toString())
        .contains("\"artifactType\":\"" + MediaTypes.OCI_CONFIG + "\"")
        .contains(ImageConverter.VERSION_ANNOTATION);
  }

  private Manifest image(String tag, String oddConfig, Layer... layers) {
    String diffIds =
        Stream.of(layers)
            .map(layer -> '"' + layer.diffId().toString() + '"')
            .collect(Collectors.joining(","));
    byte[] config =
        "{%s\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]},\"zz\":0}"
            .formatted(oddConfig, diffIds)
            .getBytes(UTF_8);
    upstream.blob(REPOSITORY, config);
    var descriptors = new ArrayList<String>();
    boolean docker = false;
    for (Layer layer : layers) {
      upstream.blob(REPOSITORY, layer.blob());
      descriptors.add(json(layer.mediaType(), layer.blob()));
      docker |= layer.mediaType().contains("docker");
    }
    return upstream.manifest(
        REPOSITORY,
        tag,
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
            .formatted(
                docker ? MediaTypes.DOCKER_MANIFEST : MediaTypes.OCI_MANIFEST,
                json(docker ? MediaTypes.DOCKER_CONFIG : MediaTypes.OCI_CONFIG, config),
                String.join(",", descriptors)));
  }

  private Manifest artifact(String tag) {
    byte[] content = "{}".getBytes(UTF_8);
    upstream.blob(REPOSITORY, content);
    return upstream.manifest(
        REPOSITORY,
        tag,
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"artifactType\":\"application/x.thing\",\"config\":%s,\"layers\":[%s]}"
            .formatted(
                MediaTypes.OCI_MANIFEST,
                json(MediaTypes.OCI_EMPTY, content),
                json(MediaTypes.OCI_LAYER_GZIP, content)));
  }

  private Manifest index(String tag, String... children) {
    return upstream.manifest(
        REPOSITORY,
        tag,
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
            .formatted(MediaTypes.OCI_INDEX, String.join(",", children)));
  }

  private static String json(Manifest manifest) {
    return json(manifest.mediaType(), manifest.content());
  }

  private static String json(String type, byte[] content) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(type, Digest.ofSha256(content), content.length);
  }

  private Manifest pullUntilLazy(String tag) {
    server.get(PATH + tag);
    return awaitLazy(tag);
  }

  private Manifest awaitLazy(String tag) {
    await()
        .atMost(PATIENCE)
        .until(() ->
            server.head(PATH + tag).headers().firstValue(View.HEADER).equals(Optional.of("lazy")));
    return Manifest.of(Optional.empty(), server.get(PATH + tag).body());
  }

  private void awaitUnchanged() {
    await()
        .atMost(PATIENCE)
        .until(() ->
            server
                .management("/metrics")
                .contains("lighter_conversion_images_total{outcome=\"unchanged\"} 1.0"));
  }

  private static byte[] gzip(byte[] content) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    }
    return bytes.toByteArray();
  }
}
