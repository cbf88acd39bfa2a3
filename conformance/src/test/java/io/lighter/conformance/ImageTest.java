package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertError;
import static io.lighter.conformance.Answers.assertHeader;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images: pushed, pulled by tag and by digest, and deleted again. */
@ExtendWith(RegistryExtension.class)
class ImageTest {
  private final Registry registry;
  private final Repository repository;

  ImageTest(Registry registry) {
    this.registry = registry;
    this.repository = registry.repository();
  }

  @ParameterizedTest
  @EnumSource
  void image_wholeLife(HashFunction hash) {
    var config = Manifests.config();
    var first = Manifests.layer(400);
    var second = Manifests.layer(500);
    repository.push(hash, config, first, second);
    var image = Manifests.image(hash, config, List.of(first, second));
    String digest = image.digest(hash);

    var byDigest = repository.putManifest(digest, image);
    assertThat(byDigest.statusCode()).as(byDigest.asString()).isEqualTo(201);
    assertHeader(byDigest, "Docker-Content-Digest", digest);
    assertThat(repository.location(byDigest)).isEqualTo(repository.path("manifests/" + digest));
    assertPulled(repository.request().get(repository.location(byDigest)), image, digest);
    assertPulled(repository.manifest(digest), image, digest);
    assertPulledHead(repository.headManifest(digest), image, digest);

    repository.tag("v1", image);
    repository.tag("v2", image);
    assertPulled(repository.manifest("v1"), image, image.digest());
    assertPulledHead(repository.headManifest("v1"), image, image.digest());
    assertThat(repository.tags()).containsExactly("v1", "v2");

    assertThat(repository.deleteManifest("v1").statusCode()).isEqualTo(202);
    assertError(repository.manifest("v1"), 404, "MANIFEST_UNKNOWN");
    assertThat(repository.headManifest("v1").statusCode()).isEqualTo(404);
    assertThat(repository.tags()).containsExactly("v2");
    assertPulled(repository.manifest(digest), image, digest);

    assertThat(repository.deleteManifest(image.digest()).statusCode()).isEqualTo(202);
    assertError(repository.manifest("v2"), 404, "MANIFEST_UNKNOWN");
    assertThat(repository.tags()).isEmpty();
    assertError(repository.manifest(image.digest()), 404, "MANIFEST_UNKNOWN");
    repository.deleteManifest(digest);
    assertError(repository.manifest(digest), 404, "MANIFEST_UNKNOWN");
    assertError(repository.deleteManifest(digest), 404, "MANIFEST_UNKNOWN");

    for (Content blob : List.of(config, first, second)) {
      assertThat(repository.deleteBlob(blob.digest(hash)).statusCode()).isEqualTo(202);
      assertThat(repository.headBlob(blob.digest(hash)).statusCode()).isEqualTo(404);
    }
  }

  @Test
  void tag_namesSha256Digest() {
    var image = repository.pushImage();
    var response = repository.putManifest("latest", image);
    assertThat(response.statusCode()).isEqualTo(201);
    assertHeader(response, "Docker-Content-Digest", image.digest());
  }

  @Test
  void tag_moved_answersNewImage() {
    var before = repository.pushImage();
    var after = repository.pushImage();
    repository.tag("moving", before);
    repository.tag("moving", after);
    assertPulled(repository.manifest("moving"), after, after.digest());
    assertPulled(repository.manifest(before.digest()), before, before.digest());
    assertThat(repository.tags()).containsExactly("moving");
  }

  @Test
  void deletedManifest_pushedAgain_isBack() {
    var image = repository.pushImage();
    repository.deleteManifest(image.digest());
    repository.pushManifest(HashFunction.SHA256, image);
    assertPulled(repository.manifest(image.digest()), image, image.digest());
  }

  @Test
  void image_sameBytesPushedTwice_created() {
    var image = repository.pushImage();
    repository.pushManifest(HashFunction.SHA256, image);
    repository.tag("again", image);
    repository.tag("again", image);
    assertThat(repository.tags()).containsExactly("again");
  }

  @Test
  void image_pushedBySha512_neverAnswersAnotherDigest() {
    var image = repository.pushImage(HashFunction.SHA512);
    var bySha256 = repository.manifest(image.digest());
    if (bySha256.statusCode() == 200) {
      assertPulled(bySha256, image, image.digest());
    } else {
      assertError(bySha256, 404, "MANIFEST_UNKNOWN");
    }
    assertPulled(
        repository.manifest(image.digest(HashFunction.SHA512)),
        image,
        image.digest(HashFunction.SHA512));
  }

  @Test
  void largeImage_keptByteForByte() {
    String annotations = "\"annotations\":{\"large\":\"%s\"}".formatted("x".repeat(3_900_000));
    var image = repository.pushImage(annotations);
    assertPulled(repository.manifest(image.digest()), image, image.digest());
    assertPulledHead(repository.headManifest(image.digest()), image, image.digest());
  }

  @Test
  void dockerImageAndList_keptWithTheirTypes() {
    var config = Content.of("application/vnd.docker.container.image.v1+json", "{\"os\":\"linux\"}");
    var layer = Content.random(100).as("application/vnd.docker.image.rootfs.diff.tar.gzip");
    repository.push(config, layer);
    var image =
        Content.of(
            Manifests.DOCKER_IMAGE,
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
                .formatted(Manifests.DOCKER_IMAGE, config.descriptor(), layer.descriptor()));
    repository.tag("image", image);
    assertPulled(repository.manifest("image"), image, image.digest());
    var list =
        Content.of(
            Manifests.DOCKER_LIST,
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
                .formatted(Manifests.DOCKER_LIST, image.descriptor()));
    repository.tag("list", list);
    assertPulled(repository.manifest("list"), list, list.digest());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*/*",
        "application/*",
        "text/html, */*;q=0.1",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json;q=0",
        "nonsense"
      })
  void pull_anyAccept_answersWhatIsStored(String accept) {
    var image = repository.pushImage();
    try (var wire = registry.connect()) {
      String path = repository.path("manifests/" + image.digest());
      var answer =
          (accept.isEmpty()
                  ? wire.write("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")
                  : wire.send("GET", path, "Accept: " + accept))
              .read();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Content-Type")).isEqualTo(Manifests.IMAGE);
      assertThat(answer.body()).isEqualTo(image.bytes());
    }
  }

  @Test
  void pull_clientTakesGzip_getsIdentity() {
    var image = repository.pushImage();
    var layer = Content.of(Content.OCTET_STREAM, "a".repeat(5000));
    repository.push(layer);
    try (var wire = registry.connect()) {
      for (String path :
          List.of("manifests/" + image.digest(), "blobs/" + layer.digest(), "tags/list")) {
        var answer =
            wire.send("GET", repository.path(path), "Accept-Encoding: zstd, gzip, deflate").read();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Encoding")).isEmpty();
        assertThat(answer.header("Content-Length")).isEqualTo("" + answer.body().length);
      }
    }
  }

  @Test
  void referencedBlob_deleted_refused() {
    var config = Manifests.config();
    var layer = Manifests.layer(100);
    repository.push(config, layer);
    var image = Manifests.image(config, List.of(layer));
    repository.pushManifest(HashFunction.SHA256, image);
    assertError(repository.deleteBlob(layer.digest()), 405);
    assertError(repository.deleteBlob(config.digest()), 405);
    assertThat(repository.headBlob(layer.digest()).statusCode()).isEqualTo(200);
    repository.deleteManifest(image.digest());
    assertThat(repository.deleteBlob(layer.digest()).statusCode()).isEqualTo(202);
  }

  @Test
  void manifest_askedAsBlob_answered() {
    var image = repository.pushImage();
    var response = repository.blob(image.digest());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.asByteArray()).isEqualTo(image.bytes());
    assertThat(repository.headBlob(image.digest()).statusCode()).isEqualTo(200);
  }

  @Test
  void manifest_ofOtherRepository_unknown() {
    var image = repository.pushImage();
    var other = registry.repository();
    other.pushImage();
    assertError(other.manifest(image.digest()), 404, "MANIFEST_UNKNOWN");
    assertThat(other.headBlob(image.digest()).statusCode()).isEqualTo(404);
  }

  static void assertPulled(Response response, Content manifest, String digest) {
    assertPulledHead(response, manifest, digest);
    assertThat(response.asByteArray()).isEqualTo(manifest.bytes());
  }

  static void assertPulledHead(Response response, Content manifest, String digest) {
    assertThat(response.statusCode()).isEqualTo(200);
    assertHeader(response, "Content-Type", manifest.mediaType());
    assertHeader(response, "Content-Length", Integer.toString(manifest.size()));
    assertHeader(response, "Docker-Content-Digest", digest);
    assertThat(response.header("ETag")).as("strong and quoted").matches("\"[^\"]+\"");
  }
}
