package io.lighter.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.conversion.LayerOutcome.Annotated;
import io.lighter.conversion.LayerOutcome.Converted;
import io.lighter.conversion.LayerOutcome.Kept;
import io.lighter.conversion.LayerOutcome.PassedThrough;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.MediaTypes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ImageConverterTest {

  private static final Digest SOURCE_DIFF_0 = digest("source diff 0");
  private static final Digest SOURCE_DIFF_1 = digest("source diff 1");
  private static final Converted FIRST =
      new Converted(digest("blob 0"), 111, digest("toc 0"), digest("diff 0"), 1111, SOURCE_DIFF_0);
  private static final Converted SECOND =
      new Converted(digest("blob 1"), 222, digest("toc 1"), digest("diff 1"), 2222, SOURCE_DIFF_1);

  private static final String CONFIG =
      """
      {"unknown":{"z":1,"a":[1.50,12345678901234567890]},"architecture":"amd64","config":{"Image":"sha256:old","Cmd":["sh"]},\
      "container_config":{"Image":"sha256:old"},"rootfs":{"type":"layers","diff_ids":["%s","%s"]},"history":[{"created_by":"x"}]}\
      """
          .formatted(SOURCE_DIFF_0, SOURCE_DIFF_1);

  private static final ImageConverter CONVERTER =
      new ImageConverter(new Recipe(1, "jdk", "00000000", 6, 4194304));

  private static Digest digest(String text) {
    return Digest.ofSha256(bytes(text));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Manifest docker(String config) {
    return Manifest.of(
        Optional.empty(),
        bytes(
            """
            {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"%s","size":%d,"digest":"%s"},"layers":[
            {"mediaType":"%s","size":10,"digest":"%s","x-unknown":true},
            {"mediaType":"%s","size":20,"digest":"%s"}]}\
            """
                .formatted(
                    MediaTypes.DOCKER_MANIFEST,
                    MediaTypes.DOCKER_CONFIG,
                    config.length(),
                    digest(config),
                    MediaTypes.DOCKER_LAYER_GZIP,
                    digest("layer 0"),
                    MediaTypes.DOCKER_LAYER_GZIP,
                    digest("layer 1"))));
  }

  private static JsonNode json(byte[] bytes) {
    return JsonMapper.shared().readTree(bytes);
  }

  private static ConvertedImage convert(LayerOutcome... outcomes) {
    return CONVERTER.image(docker(CONFIG), bytes(CONFIG), List.of(outcomes)).orElseThrow();
  }

  @Test
  void image_allConverted_isOciWithNewLayers() {
    ConvertedImage image = convert(FIRST, SECOND);
    JsonNode manifest = json(image.manifest().content());
    JsonNode layer = manifest.get("layers").get(1);

    assertThat(image.manifest().mediaType()).isEqualTo(MediaTypes.OCI_MANIFEST);
    assertThat(manifest.get("mediaType").asString()).isEqualTo(MediaTypes.OCI_MANIFEST);
    assertThat(layer.get("mediaType").asString()).isEqualTo(MediaTypes.OCI_LAYER_GZIP);
    assertThat(layer.get("digest").asString()).isEqualTo(SECOND.digest().toString());
    assertThat(layer.get("size").asLong()).isEqualTo(222);
    assertThat(layer.get("annotations").get("containerd.io/snapshot/stargz/toc.digest").asString())
        .isEqualTo(SECOND.tocDigest().toString());
    assertThat(layer.get("annotations").get("io.containers.estargz.uncompressed-size").asString())
        .isEqualTo("2222");
    assertThat(manifest.get("layers").get(0).get("x-unknown").asBoolean()).isTrue();
  }

  @Test
  void image_allConverted_namesItsConfigSourceAndRecipe() {
    ConvertedImage image = convert(FIRST, SECOND);
    JsonNode manifest = json(image.manifest().content());

    assertThat(manifest.get("config").get("digest").asString())
        .isEqualTo(Digest.ofSha256(image.config()).toString());
    assertThat(manifest.get("config").get("size").asLong()).isEqualTo(image.config().length);
    assertThat(manifest.get("config").get("mediaType").asString()).isEqualTo(MediaTypes.OCI_CONFIG);
    assertThat(image.manifest().view().annotations())
        .containsOnly(
            Map.entry("io.lighter.source.digest", docker(CONFIG).digest().toString()),
            Map.entry("io.lighter.converter", "estargz1-jdk-00000000-l6-c4194304"));
  }

  @Test
  void image_allConverted_changesDiffIdsAndNothingElseOfTheConfig() {
    String expected =
        CONFIG
            .replace(SOURCE_DIFF_0.toString(), FIRST.diffId().toString())
            .replace(SOURCE_DIFF_1.toString(), SECOND.diffId().toString())
            .replace("\"Image\":\"sha256:old\",", "")
            .replace("\"Image\":\"sha256:old\"", "");

    assertThat(new String(convert(FIRST, SECOND).config(), StandardCharsets.UTF_8))
        .isEqualTo(expected);
  }

  @Test
  void image_upperLayerKept_keepsItsDescriptorAndDiffId() {
    ConvertedImage image = convert(FIRST, new Kept("sparse"));
    JsonNode layer = json(image.manifest().content()).get("layers").get(1);
    JsonNode diffIds = json(image.config()).get("rootfs").get("diff_ids");

    assertThat(layer.get("digest").asString()).isEqualTo(digest("layer 1").toString());
    assertThat(layer.get("mediaType").asString()).isEqualTo(MediaTypes.OCI_LAYER_GZIP);
    assertThat(layer.has("annotations")).isFalse();
    assertThat(diffIds.get(0).asString()).isEqualTo(FIRST.diffId().toString());
    assertThat(diffIds.get(1).asString()).isEqualTo(SOURCE_DIFF_1.toString());
  }

  @Test
  void image_onlyAnnotated_keepsConfigBytes() {
    var annotated = new Annotated(digest("toc"), SOURCE_DIFF_0, 77);
    ConvertedImage image = convert(annotated, new PassedThrough());
    JsonNode manifest = json(image.manifest().content());

    assertThat(image.config()).isEqualTo(bytes(CONFIG));
    assertThat(manifest.get("config").get("digest").asString())
        .isEqualTo(digest(CONFIG).toString());
    assertThat(manifest.get("layers").get(0).get("digest").asString())
        .isEqualTo(digest("layer 0").toString());
    assertThat(image.manifest().view().layers().get(0).annotations())
        .containsEntry("io.containers.estargz.uncompressed-size", "77")
        .containsEntry(
            "containerd.io/snapshot/stargz/toc.digest", annotated.tocDigest().toString());
  }

  @Test
  void image_nothingBecomesLazy_isEmpty() {
    assertThat(
            CONVERTER.image(
                docker(CONFIG), bytes(CONFIG), List.of(new PassedThrough(), new Kept("no"))))
        .isEmpty();
  }

  @Test
  void image_annotationsOfOtherFormatsAndSubject_areDropped() {
    String layer =
        """
        {"mediaType":"%s","digest":"%s","size":1,"data":"eA==","urls":["https://example.com/"],"annotations":{
        "keep":"1","io.github.containers.zstd-chunked.manifest-checksum":"x","io.containers.zstd-chunked.manifest-position":"y"}}\
        """
            .formatted(MediaTypes.OCI_LAYER_ZSTD, digest("layer 0"));
    String config = "{\"rootfs\":{\"diff_ids\":[\"%s\"]}}".formatted(SOURCE_DIFF_0);
    var original =
        Manifest.of(
            Optional.empty(),
            bytes(
                """
                {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"%s","digest":"%s","size":1,"data":"eA=="},
                "layers":[%s],"subject":{"mediaType":"%s","digest":"%s","size":3},
                "annotations":{"keep":"2","com.amazon.soci.index-digest":"x"}}\
                """
                    .formatted(
                        MediaTypes.OCI_MANIFEST,
                        MediaTypes.OCI_CONFIG,
                        digest(config),
                        layer,
                        MediaTypes.OCI_MANIFEST,
                        digest("subject"))));
    Manifest manifest =
        CONVERTER.image(original, bytes(config), List.of(FIRST)).orElseThrow().manifest();
    JsonNode json = json(manifest.content());

    assertThat(manifest.view().subject()).isEmpty();
    assertThat(manifest.view().annotations())
        .containsOnlyKeys("keep", "io.lighter.source.digest", "io.lighter.converter");
    assertThat(manifest.view().layers().get(0).annotations())
        .containsOnlyKeys(
            "keep",
            "containerd.io/snapshot/stargz/toc.digest",
            "io.containers.estargz.uncompressed-size");
    assertThat(json.get("layers").get(0).has("data")).isFalse();
    assertThat(json.get("layers").get(0).has("urls")).isFalse();
    assertThat(json.get("config").has("data")).isFalse();
  }

  @Test
  void image_layerOfTheConverter_isDescribed() {
    Conversions.Result result = Conversions.convert(new TarBuilder().file("a", "x").build());
    ConvertedLayer layer = result.layer();
    Converted outcome = Converted.of(Digest.ofSha256(result.blob()), layer);
    String config = "{\"rootfs\":{\"diff_ids\":[\"%s\",\"%s\"]}}";
    String source = config.formatted(layer.sourceDiffId(), SOURCE_DIFF_1);
    ConvertedImage image =
        CONVERTER
            .image(docker(source), bytes(source), List.of(outcome, new Kept("sparse")))
            .orElseThrow();

    assertThat(new String(image.config(), StandardCharsets.UTF_8))
        .isEqualTo(config.formatted(layer.diffId(), SOURCE_DIFF_1));
    assertThat(image.manifest().view().layers().get(0).size()).isEqualTo(result.blob().length);
  }

  @Test
  void image_layerDiffersFromConfig_isRefused() {
    var lying =
        new Converted(digest("b"), 1, digest("t"), digest("d"), 1, digest("something else"));

    assertThatThrownBy(() -> convert(FIRST, lying))
        .isInstanceOf(InconsistentImageException.class)
        .hasMessageContaining("layer 1 uncompresses to");
    assertThatThrownBy(() -> convert(new Annotated(digest("t"), digest("d"), 1), SECOND))
        .isInstanceOf(InconsistentImageException.class)
        .hasMessageContaining("layer 0 uncompresses to");
  }

  @Test
  void image_countsDiffer_isRefused() {
    String oneDiff = "{\"rootfs\":{\"diff_ids\":[\"%s\"]}}".formatted(SOURCE_DIFF_0);

    assertThatThrownBy(() -> convert(FIRST))
        .isInstanceOf(InconsistentImageException.class)
        .hasMessageContaining("has 2 layers, not 1");
    assertThatThrownBy(
            () -> CONVERTER.image(docker(oneDiff), bytes(oneDiff), List.of(FIRST, SECOND)))
        .isInstanceOf(InconsistentImageException.class)
        .hasMessageContaining("diff_ids 1 for 2 layers");
  }

  @Test
  void image_configIsNotTheOneNamed_isRefused() {
    assertThatThrownBy(() -> CONVERTER.image(docker(CONFIG), bytes("{}"), List.of(FIRST, SECOND)))
        .isInstanceOf(InconsistentImageException.class)
        .hasMessageContaining("the configuration has digest");
    for (String config : List.of("[]", "{", "{\"rootfs\":1,\"rootfs\":2}", "{} {}")) {
      assertThatThrownBy(
              () -> CONVERTER.image(docker(config), bytes(config), List.of(FIRST, SECOND)))
          .isInstanceOf(InconsistentImageException.class)
          .hasMessageContaining("configuration is not");
    }
  }

  @Test
  void image_artifact_isRefused() {
    var artifact =
        Manifest.of(
            Optional.empty(),
            bytes(
                """
                {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"%s","digest":"%s","size":2},"layers":[]}\
                """
                    .formatted(MediaTypes.OCI_MANIFEST, MediaTypes.OCI_EMPTY, digest("{}"))));

    assertThatThrownBy(() -> CONVERTER.image(artifact, bytes("{}"), List.of()))
        .isInstanceOf(InconsistentImageException.class)
        .hasMessageContaining("not a container image");
  }

  private static String child(String digest, String more) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":5%s}"
        .formatted(MediaTypes.DOCKER_MANIFEST, digest, more);
  }

  private static Manifest index(String... children) {
    return Manifest.of(
        Optional.empty(),
        bytes(
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
                .formatted(MediaTypes.DOCKER_MANIFEST_LIST, String.join(",", children))));
  }

  @Test
  void index_convertedChild_isReplacedAndOthersStay() {
    Manifest converted = convert(FIRST, SECOND).manifest();
    Digest original = docker(CONFIG).digest();
    String other = digest("arm64").toString();
    Manifest source =
        index(
            child(
                original.toString(),
                ",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\",\"os.version\":\"1\"},\"annotations\":{\"a\":\"b\"}"),
            child(other, ",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"},\"x\":1"));
    Manifest result = CONVERTER.index(source, Map.of(original, converted));
    JsonNode manifests = json(result.content()).get("manifests");

    assertThat(result.mediaType()).isEqualTo(MediaTypes.OCI_INDEX);
    assertThat(result.view().annotations())
        .containsEntry("io.lighter.source.digest", source.digest().toString())
        .containsKey("io.lighter.converter");
    assertThat(manifests.get(0).get("digest").asString()).isEqualTo(converted.digest().toString());
    assertThat(manifests.get(0).get("size").asLong()).isEqualTo(converted.content().length);
    assertThat(manifests.get(0).get("mediaType").asString()).isEqualTo(MediaTypes.OCI_MANIFEST);
    assertThat(manifests.get(0).get("platform").get("os.version").asString()).isEqualTo("1");
    assertThat(manifests.get(0).get("annotations").get("a").asString()).isEqualTo("b");
    assertThat(manifests.get(1)).isEqualTo(json(source.content()).get("manifests").get(1));
  }

  @Test
  void index_whatSpeaksOfConvertedChildren_isDropped() {
    Manifest converted = convert(FIRST, SECOND).manifest();
    Digest original = docker(CONFIG).digest();
    String annotations =
        ",\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\",\"vnd.docker.reference.digest\":\"%s\"}";
    Manifest source =
        index(
            child(original.toString(), ""),
            child(digest("1").toString(), annotations.formatted(original)),
            child(digest("2").toString(), annotations.formatted(digest("arm64"))),
            child(
                digest("3").toString(),
                ",\"artifactType\":\"application/vnd.docker.attestation.manifest.v1+json\",\"annotations\":{\"vnd.docker.reference.digest\":\"%s\"}"
                    .formatted(original)),
            child(
                digest("4").toString(),
                ",\"annotations\":{\"com.amazon.soci.image-manifest-digest\":\"%s\"}"
                    .formatted(original)),
            child(
                digest("5").toString(),
                ",\"annotations\":{\"vnd.docker.reference.digest\":\"%s\"}".formatted(original)));

    assertThat(CONVERTER.index(source, Map.of(original, converted)).view().manifests())
        .extracting(child -> child.digest())
        .containsExactly(converted.digest(), digest("2"), digest("5"));
  }

  @Test
  void index_noChildConverted_isRefused() {
    Manifest converted = convert(FIRST, SECOND).manifest();
    Manifest source = index(child(digest("arm64").toString(), ""));

    assertThatThrownBy(() -> CONVERTER.index(source, Map.of(digest("other"), converted)))
        .isInstanceOf(InconsistentImageException.class)
        .hasMessageContaining("none of the converted images");
  }
}
