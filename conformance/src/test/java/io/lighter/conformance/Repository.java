package io.lighter.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.List;

/** A repository of the registry under test, and the requests that can be sent to it. */
record Repository(Registry registry, String name) {

  RequestSpecification request() {
    return registry.request();
  }

  /** The path of an endpoint: {@code tail} behind {@code /v2/<name>/}. */
  String path(String tail) {
    return "/v2/" + name + '/' + tail;
  }

  /** The path that an answer sends the client to. */
  String location(Response response) {
    String location = response.header("Location");
    assertThat(location).as("Location of %d", response.statusCode()).isNotBlank();
    return registry.path(location);
  }

  Response blob(String digest) {
    return request().get(path("blobs/" + digest));
  }

  Response headBlob(String digest) {
    return request().head(path("blobs/" + digest));
  }

  Response deleteBlob(String digest) {
    return request().delete(path("blobs/" + digest));
  }

  Response manifest(String reference) {
    return request().get(path("manifests/" + reference));
  }

  Response headManifest(String reference) {
    return request().head(path("manifests/" + reference));
  }

  Response deleteManifest(String reference) {
    return request().delete(path("manifests/" + reference));
  }

  /** Pushes a manifest; {@code reference} may have a query. */
  Response putManifest(String reference, Content manifest) {
    return request()
        .contentType(manifest.mediaType())
        .body(manifest.bytes())
        .put(path("manifests/" + reference));
  }

  Response tags(String query) {
    return request().get(path("tags/list" + query));
  }

  /** All tags, from one page. */
  List<String> tags() {
    var response = tags("");
    assertThat(response.statusCode()).isEqualTo(200);
    return response.jsonPath().getList("tags", String.class);
  }

  Response referrers(String digest) {
    return request().get(path("referrers/" + digest));
  }

  /** {@code POST} that opens an upload or, by its query, does more. */
  Response post(String query) {
    return request().post(path("blobs/uploads/" + query));
  }

  /** A new upload. */
  Upload upload() {
    return Upload.opened(this, post(""));
  }

  /** Pushes blobs in two requests each, for tests that are about something else. */
  void push(HashFunction hash, Content... blobs) {
    for (Content blob : blobs) {
      assertThat(upload().commit(blob.digest(hash), blob.bytes()).statusCode()).isEqualTo(201);
    }
  }

  void push(Content... blobs) {
    push(HashFunction.SHA256, blobs);
  }

  /** Pushes a manifest by its digest. */
  void pushManifest(HashFunction hash, Content manifest) {
    var response = putManifest(manifest.digest(hash), manifest);
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(201);
  }

  /** Pushes a manifest by a tag. */
  void tag(String tag, Content manifest) {
    var response = putManifest(tag, manifest);
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(201);
  }

  /** A small image with everything that it needs, pushed by digest. */
  Content pushImage(HashFunction hash, String... members) {
    var config = Manifests.config();
    var layer = Manifests.layer(300);
    push(hash, config, layer);
    var image = Manifests.image(hash, config, List.of(layer), members);
    pushManifest(hash, image);
    return image;
  }

  Content pushImage(String... members) {
    return pushImage(HashFunction.SHA256, members);
  }
}
