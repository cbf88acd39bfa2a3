package io.lighter.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestViewTest {
  private static final String DIGEST = Digest.ofSha256(new byte[0]).toString();
  private static final String CONFIG =
      "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":2}"
          .formatted(MediaTypes.OCI_CONFIG, DIGEST);
  private static final String IMAGE =
      "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
          .formatted(
              MediaTypes.OCI_MANIFEST,
              CONFIG,
              "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":9223372036854775807}"
                  .formatted(MediaTypes.OCI_LAYER_GZIP, DIGEST));

  @Test
  void parse_image() {
    ManifestView view = parse(MediaTypes.OCI_MANIFEST, IMAGE);

    assertThat(view.isIndex()).isFalse();
    assertThat(view.isContainerImage()).isTrue();
    assertThat(view.artifactType()).contains(MediaTypes.OCI_CONFIG);
    assertThat(view.layers())
        .singleElement()
        .satisfies(layer -> assertThat(layer.size()).isEqualTo(Long.MAX_VALUE));
    assertThat(view.requiredBlobs()).hasSize(2);
  }

  @Test
  void parse_typeFromBody_whenHeaderIsMissing() {
    assertThat(ManifestView.parse(Optional.empty(), bytes(IMAGE)).mediaType())
        .isEqualTo(MediaTypes.OCI_MANIFEST);
  }

  @Test
  void parse_typeParameters_areIgnored() {
    assertThat(parse(MediaTypes.OCI_MANIFEST + "; charset=utf-8", IMAGE).mediaType())
        .isEqualTo(MediaTypes.OCI_MANIFEST);
  }

  @Test
  void parse_emptyLists_areFine() {
    assertThat(parse(MediaTypes.OCI_INDEX, "{\"schemaVersion\":2,\"manifests\":[]}").manifests())
        .isEmpty();
    assertThat(
            parse(
                    MediaTypes.OCI_MANIFEST,
                    "{\"schemaVersion\":2,\"config\":%s,\"layers\":[]}".formatted(CONFIG))
                .layers())
        .isEmpty();
  }

  @Test
  void parse_notPlainUtf8_refused() {
    assertThatThrownBy(() -> parse(MediaTypes.OCI_MANIFEST, "\uFEFF" + IMAGE))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("byte order mark");
    byte[] utf16 = IMAGE.getBytes(StandardCharsets.UTF_16);
    assertThatThrownBy(() -> ManifestView.parse(Optional.empty(), utf16))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("UTF-8");
    byte[] latin =
        IMAGE
            .replace("\"layers\"", "\"\u00e9\":1,\"layers\"")
            .getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> ManifestView.parse(Optional.empty(), latin))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("UTF-8");
  }

  @Test
  void requiredBlobs_leavesOutForeignLayers() {
    String foreign =
        "{\"mediaType\":\"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip\",\"digest\":\"%s\",\"size\":1,\"urls\":[\"https://h/x\"]}"
            .formatted(DIGEST);
    ManifestView view =
        parse(
            MediaTypes.OCI_MANIFEST,
            "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}".formatted(CONFIG, foreign));

    assertThat(view.layers()).hasSize(1);
    assertThat(view.requiredBlobs()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      textBlock =
          """
          {"schemaVersion":2,"manifests":[],"manifests":[]}          | duplicate
          {"schemaVersion":2,"manifests":[]} {}                      | one JSON document
          {"schemaVersion":2,"manifests":[],"layers":[]}             | must not have "layers"
          {"schemaVersion":2,"manifests":[],"config":{}}             | must not have "config"
          {"schemaVersion":1,"manifests":[]}                         | schemaVersion
          {"schemaVersion":2}                                        | "manifests" is missing
          {"schemaVersion":2,"manifests":{}}                         | not an array
          {"schemaVersion":2,"manifests":[1]}                        | not a descriptor
          {"schemaVersion":2,"manifests":[{"size":1}]}               | digest is missing
          {"schemaVersion":2,"manifests":[{"digest":"x","size":1}]}  | not a supported digest
          {"schemaVersion":2,"manifests":[{"digest":"x","size":-1}]} | size must be
          {"schemaVersion":2,"manifests":[{"digest":"x","size":1.5}]} | size must be
          {"schemaVersion":2,"manifests":[{"digest":"x","size":9223372036854775808}]} | size must be
          {"schemaVersion":2,"manifests":[{"digest":"x","size":"1"}]} | size must be
          {"schemaVersion":2,"manifests":[],"annotations":{"a":1}}   | annotations.a
          {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","manifests":[]} | mediaType is
          []                                                         | not a JSON object
          {"schemaVersion":2,"manifests":[}                          | JSON
          """)
  void parse_ambiguousOrMalformed_isRefused(String document, String message) {
    assertThatThrownBy(() -> parse(MediaTypes.OCI_INDEX, document))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining(message);
  }

  @Test
  void parse_otherType_saysWhatIsAllowed() {
    assertThatThrownBy(() -> parse("application/json", "{\"schemaVersion\":2}"))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("application/json")
        .hasMessageContaining(MediaTypes.OCI_INDEX);
  }

  @Test
  void parse_deepNesting_isRefusedWithoutHarm() {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);
    assertThatThrownBy(() ->
            parse(
                MediaTypes.OCI_INDEX,
                "{\"schemaVersion\":2,\"manifests\":[],\"x\":%s}".formatted(deep)))
        .isInstanceOf(InvalidManifestException.class);
  }

  private static ManifestView parse(String type, String document) {
    return ManifestView.parse(Optional.of(type), bytes(document));
  }

  private static byte[] bytes(String document) {
    return document.getBytes(StandardCharsets.UTF_8);
  }
}
