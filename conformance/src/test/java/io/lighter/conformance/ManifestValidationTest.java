package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertError;
import static io.lighter.conformance.ImageTest.assertPulled;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which documents are manifests, and of which type. */
@ExtendWith(RegistryExtension.class)
class ManifestValidationTest {
  private static final int LIMIT = 4 << 20;

  private final Registry registry;
  private final Repository repository;
  private final Content config = Manifests.config();

  ManifestValidationTest(Registry registry) {
    this.registry = registry;
    this.repository = registry.repository();
    repository.push(config);
  }

  @Test
  void type_parameter_ignoredAndNotStored() {
    var image = Manifests.image(config, List.of());
    repository.tag("charset", image.as(Manifests.IMAGE + "; charset=utf-8"));
    assertPulled(repository.manifest("charset"), image, image.digest());
  }

  @Test
  void type_missing_takenFromBody() {
    var image = Manifests.image(config, List.of());
    try (var wire = registry.connect()) {
      var answer = wire.sendBody("PUT", repository.path("manifests/untyped"), image.bytes()).read();
      assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    }
    assertPulled(repository.manifest("untyped"), image, image.digest());
  }

  @Test
  void type_missingInBody_takenFromHeader() {
    var image =
        Content.of(
            Manifests.IMAGE,
            "{\"schemaVersion\":2,\"config\":%s,\"layers\":[]}".formatted(config.descriptor()));
    repository.tag("bare", image);
    assertPulled(repository.manifest("bare"), image, image.digest());
  }

  @Test
  void type_differsFromBody_refused() {
    var image = Manifests.image(config, List.of());
    assertInvalid(image.as(Manifests.DOCKER_IMAGE));
    assertInvalid(image.as(Manifests.INDEX));
    assertInvalid(Manifests.index(List.of()).as(Manifests.IMAGE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"application/json", "text/plain", "application/vnd.example.manifest+json"})
  void type_nowhereKnown_refused(String type) {
    assertInvalid(
        Content.of(
            type,
            "{\"schemaVersion\":2,\"config\":%s,\"layers\":[]}".formatted(config.descriptor())));
  }

  @Test
  void schema1_refused() {
    assertInvalid(
        Content.of(
            Manifests.DOCKER_SCHEMA_1,
            "{\"schemaVersion\":1,\"name\":\"a\",\"tag\":\"b\",\"fsLayers\":[],\"history\":[]}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "{}",
        "[]",
        "null",
        "true",
        "\"text\"",
        "not json",
        "{\"schemaVersion\":2,\"config\":CONFIG,\"layers\":[]} trailing",
        "{\"schemaVersion\":2,\"config\":CONFIG,\"layers\":[]}{}",
        "\uFEFF{\"schemaVersion\":2,\"config\":CONFIG,\"layers\":[]}",
        "{\"schemaVersion\":NaN,\"config\":CONFIG,\"layers\":[]}",
        "{\"schemaVersion\":1,\"config\":CONFIG,\"layers\":[]}",
        "{\"schemaVersion\":2,\"config\":CONFIG,\"layers\":[],\"manifests\":[]}",
        "{\"schemaVersion\":2,\"config\":CONFIG,\"layers\":[],\"layers\":[]}",
        "{\"schemaVersion\":2,\"config\":CONFIG,\"config\":CONFIG,\"layers\":[]}",
        "{\"schemaVersion\":2,\"config\":CONFIG,\"layers\":{}}",
        "{\"schemaVersion\":2,\"config\":CONFIG,\"layers\":[1]}",
        "{\"schemaVersion\":2,\"config\":CONFIG,\"layers\":[null]}",
        "{\"schemaVersion\":2,\"config\":\"text\",\"layers\":[]}",
        "{\"schemaVersion\":2,\"layers\":[]}",
        "{\"schemaVersion\":2,\"config\":CONFIG,\"layers\":[{}]}",
        "{\"schemaVersion\":2,\"config\":CONFIG,\"layers\":[],}",
        "{\"schemaVersion\":2,/* note */\"config\":CONFIG,\"layers\":[]}",
        "{'schemaVersion':2,'config':CONFIG,'layers':[]}"
      })
  void image_noManifest_refused(String document) {
    assertInvalid(Content.of(Manifests.IMAGE, document.replace("CONFIG", config.descriptor())));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"size\":-1",
        "\"size\":1.5",
        "\"size\":\"10\"",
        "\"size\":9223372036854775808",
        "\"size\":1e30",
        "\"size\":null",
        "\"digest\":\"md5:d41d8cd98f00b204e9800998ecf8427e\"",
        "\"digest\":\"sha256:short\"",
        "\"digest\":\"sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855\"",
        "\"digest\":17",
        "\"digest\":\"../../x\"",
        "\"mediaType\":17"
      })
  void descriptor_impossibleField_refused(String field) {
    String good = config.descriptor();
    String name = field.substring(0, field.indexOf(':') + 1);
    String bad = good.replaceFirst(name + "(\"[^\"]*\"|[0-9]+)", field);
    assertThat(bad).isNotEqualTo(good);
    var image =
        Content.of(
            Manifests.IMAGE,
            "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}".formatted(good, bad));
    var response = repository.putManifest("bad", image);
    assertError(response, 400);
    assertThat(response.jsonPath().getString("errors[0].code"))
        .isIn("MANIFEST_INVALID", "DIGEST_INVALID", "SIZE_INVALID");
    assertThat(repository.headManifest("bad").statusCode()).isEqualTo(404);
  }

  /** No rule says that a registry has to look; if it does not, the bytes stay what they are. */
  @Test
  void descriptor_sizeOfOtherBlob_refusedOrKept() {
    String good = config.descriptor();
    String bad = good.replaceFirst("\"size\":[0-9]+", "\"size\":1");
    assertThat(bad).isNotEqualTo(good);
    var image =
        Content.of(
            Manifests.IMAGE, "{\"schemaVersion\":2,\"config\":%s,\"layers\":[]}".formatted(bad));
    var response = repository.putManifest("size", image);
    if (response.statusCode() == 201) {
      assertPulled(repository.manifest("size"), image, image.digest());
      assertThat(repository.blob(config.digest()).asByteArray()).isEqualTo(config.bytes());
    } else {
      assertError(response, 400);
    }
  }

  @Test
  void nesting_tenThousandDeep_refused() {
    assertInvalid(
        Content.of(
            Manifests.IMAGE,
            "{\"schemaVersion\":2,\"config\":%s,\"layers\":[],\"x\":%s%s}"
                .formatted(config.descriptor(), "[".repeat(10_000), "]".repeat(10_000))));
  }

  @Test
  void invalidUtf8_refused() {
    String text =
        "{\"schemaVersion\":2,\"config\":%s,\"layers\":[],\"x\":\"\u00ff\u00fe\"}"
            .formatted(config.descriptor());
    assertInvalid(Content.of(Manifests.IMAGE, text.getBytes(ISO_8859_1)));
  }

  @Test
  void whitespace_keptByteForByte() {
    var image =
        Content.of(
            Manifests.IMAGE,
            "\n{ \"schemaVersion\" :\t2,\r\n \"layers\": [ ],\n\"config\": %s }\n\n"
                .formatted(config.descriptor()));
    repository.tag("spaced", image);
    assertPulled(repository.manifest("spaced"), image, image.digest());
  }

  @Test
  void size_fourMebibytes_accepted() {
    var image = imageOf(LIMIT);
    repository.tag("full", image);
    assertPulled(repository.manifest("full"), image, image.digest());
  }

  @Test
  void size_farTooLarge_413IsReadable() {
    var large = imageOf(2 * LIMIT);
    try (var wire = registry.connect()) {
      var answer =
          wire.sendBody(
                  "PUT",
                  repository.path("manifests/large"),
                  large.bytes(),
                  "Content-Type: " + large.mediaType())
              .read();
      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.text()).contains("MANIFEST_INVALID");
      assertThat(wire.send("GET", "/v2/").read().status()).isEqualTo(200);
    }
    assertThat(repository.headManifest("large").statusCode()).isEqualTo(404);
  }

  @Test
  void size_farTooLargeByChunkedTransfer_413() {
    var response =
        repository
            .request()
            .contentType(Manifests.IMAGE)
            .body(new ByteArrayInputStream(imageOf(2 * LIMIT).bytes()))
            .put(repository.path("manifests/large"));
    assertError(response, 413, "MANIFEST_INVALID");
  }

  private Content imageOf(int size) {
    int bare = Manifests.image(config, List.of(), "\"x\":\"\"").size();
    var image =
        Manifests.image(config, List.of(), "\"x\":\"%s\"".formatted("x".repeat(size - bare)));
    assertThat(image.size()).isEqualTo(size);
    return image;
  }

  private void assertInvalid(Content manifest) {
    assertError(repository.putManifest("invalid", manifest), 400, "MANIFEST_INVALID");
    assertThat(repository.headManifest("invalid").statusCode()).isEqualTo(404);
  }
}
