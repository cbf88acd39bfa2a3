package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertHeader;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that depend on what the client has already (RFC 9110, section 13). */
@ExtendWith(RegistryExtension.class)
class ConditionalRequestTest {
  private final Repository repository;
  private final Content image;
  private final Content blob = Content.random(1000);

  ConditionalRequestTest(Registry registry) {
    this.repository = registry.repository();
    this.image = repository.pushImage();
    repository.push(blob);
    repository.tag("tag", image);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ETAG", "*", "\"other\", ETAG", "ETAG,\"other\"", "W/ETAG"})
  void ifNoneMatch_matches_notModified(String condition) {
    for (String path :
        new String[] {"blobs/" + blob.digest(), "manifests/tag", "manifests/" + image.digest()}) {
      String entityTag = repository.request().head(repository.path(path)).header("ETag");
      assertThat(entityTag).isNotBlank();
      String header = condition.replace("ETAG", entityTag);
      var get = repository.request().header("If-None-Match", header).get(repository.path(path));
      assertThat(get.statusCode()).as(path).isEqualTo(304);
      assertHeader(get, "ETag", entityTag);
      assertThat(get.asByteArray()).isEmpty();
      var head = repository.request().header("If-None-Match", header).head(repository.path(path));
      assertThat(head.statusCode()).as(path).isEqualTo(304);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"other\"", "W/\"other\"", "other", "\"a\", \"b\""})
  void ifNoneMatch_differs_whole(String condition) {
    var ofBlob = blob("If-None-Match", condition);
    assertThat(ofBlob.statusCode()).isEqualTo(200);
    assertThat(ofBlob.asByteArray()).isEqualTo(blob.bytes());
    var ofTag =
        repository
            .request()
            .header("If-None-Match", condition)
            .get(repository.path("manifests/tag"));
    assertThat(ofTag.statusCode()).isEqualTo(200);
    assertThat(ofTag.asByteArray()).isEqualTo(image.bytes());
  }

  @Test
  void ifNoneMatch_tagMoved_answersNewImage() {
    String before = repository.headManifest("tag").header("ETag");
    var moved = repository.pushImage();
    repository.tag("tag", moved);
    var response =
        repository.request().header("If-None-Match", before).get(repository.path("manifests/tag"));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.asByteArray()).isEqualTo(moved.bytes());
  }

  @Test
  void ifNoneMatch_missingBlob_404() {
    var missing = Content.random(10);
    assertThat(
            repository
                .request()
                .header("If-None-Match", "*")
                .get(repository.path("blobs/" + missing.digest()))
                .statusCode())
        .isEqualTo(404);
  }

  @Test
  void ifNoneMatch_withRange_notModifiedFirst() {
    var response =
        repository
            .request()
            .header("If-None-Match", "\"" + blob.digest() + "\"")
            .header("Range", "bytes=0-9")
            .get(repository.path("blobs/" + blob.digest()));
    assertThat(response.statusCode()).isEqualTo(304);
  }

  @Test
  void ifRange_matches_part() {
    var response = ranged(repository.headBlob(blob.digest()).header("ETag"));
    assertThat(response.statusCode()).isEqualTo(206);
    assertThat(response.asByteArray()).isEqualTo(blob.slice(10, 20));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"other\"", "Wed, 21 Oct 2015 07:28:00 GMT", "W/ETAG"})
  void ifRange_noStrongMatch_whole(String validator) {
    var response = ranged(validator.replace("ETAG", "\"" + blob.digest() + "\""));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.asByteArray()).isEqualTo(blob.bytes());
  }

  @Test
  void putTag_ifNoneMatchAny_onlyWhenAbsent() {
    var other = repository.pushImage();
    assertThat(put("tag", other, "If-None-Match", "*").statusCode()).isEqualTo(412);
    assertThat(repository.manifest("tag").asByteArray()).isEqualTo(image.bytes());
    assertThat(put("new", other, "If-None-Match", "*").statusCode()).isEqualTo(201);
    assertThat(repository.manifest("new").asByteArray()).isEqualTo(other.bytes());
  }

  @Test
  void putTag_ifMatch_onlyFromThatImage() {
    var other = repository.pushImage();
    String entityTag = repository.headManifest("tag").header("ETag");
    assertThat(put("tag", other, "If-Match", "\"stale\"").statusCode()).isEqualTo(412);
    assertThat(repository.manifest("tag").asByteArray()).isEqualTo(image.bytes());
    assertThat(put("absent", other, "If-Match", entityTag).statusCode()).isEqualTo(412);
    assertThat(repository.headManifest("absent").statusCode()).isEqualTo(404);
    assertThat(put("tag", other, "If-Match", entityTag).statusCode()).isEqualTo(201);
    assertThat(repository.manifest("tag").asByteArray()).isEqualTo(other.bytes());
    assertThat(put("tag", image, "If-Match", entityTag).statusCode()).isEqualTo(412);
  }

  @Test
  void deleteTag_ifMatch_onlyOfThatImage() {
    String entityTag = repository.headManifest("tag").header("ETag");
    repository.tag("tag", repository.pushImage());

    assertThat(delete("tag", "If-Match", entityTag).statusCode()).isEqualTo(412);
    assertThat(repository.headManifest("tag").statusCode()).isEqualTo(200);
    String now = repository.headManifest("tag").header("ETag");
    assertThat(delete("tag", "If-None-Match", now).statusCode()).isEqualTo(412);
    assertThat(delete("tag", "If-Match", "W/" + now).statusCode()).isEqualTo(412);
    assertThat(delete("tag", "If-Match", now).statusCode()).isEqualTo(202);
    assertThat(repository.headManifest("tag").statusCode()).isEqualTo(404);
    assertThat(delete("tag", "If-Match", now).statusCode()).isEqualTo(404);
  }

  @Test
  void deleteByDigest_conditionNotMet_kept() {
    String digest = image.digest();
    for (String[] condition :
        new String[][] {
          {"If-Match", "\"other\""}, {"If-None-Match", "*"}, {"If-None-Match", '"' + digest + '"'}
        }) {
      assertThat(delete(digest, condition[0], condition[1]).statusCode())
          .as(String.join(": ", condition))
          .isEqualTo(412);
    }
    assertThat(repository.headManifest("tag").statusCode()).isEqualTo(200);
    assertThat(delete(digest, "If-Match", '"' + digest + '"').statusCode()).isEqualTo(202);
    assertThat(repository.headManifest("tag").statusCode()).isEqualTo(404);
    assertThat(delete(digest, "If-Match", "\"other\"").statusCode()).isEqualTo(404);
  }

  private Response delete(String reference, String header, String value) {
    return repository
        .request()
        .header(header, value)
        .delete(repository.path("manifests/" + reference));
  }

  private Response blob(String header, String value) {
    return repository
        .request()
        .header(header, value)
        .get(repository.path("blobs/" + blob.digest()));
  }

  private Response ranged(String validator) {
    return repository
        .request()
        .header("Range", "bytes=10-19")
        .header("If-Range", validator)
        .get(repository.path("blobs/" + blob.digest()));
  }

  private Response put(String tag, Content manifest, String header, String value) {
    return repository
        .request()
        .header(header, value)
        .contentType(manifest.mediaType())
        .body(manifest.bytes())
        .put(repository.path("manifests/" + tag));
  }
}
