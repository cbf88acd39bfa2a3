package io.lighter.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.ByteArrayInputStream;

/**
 * An upload at one of its locations. Requests do not move it: {@link #next(Response)} is the upload
 * at the location that an answer named.
 */
record Upload(Repository repository, String location) {

  static Upload opened(Repository repository, Response response) {
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(202);
    return new Upload(repository, repository.name()).next(response);
  }

  Upload next(Response response) {
    return new Upload(repository, repository.location(response));
  }

  /** The same upload by its bare path. */
  Upload withoutQuery() {
    int query = location.indexOf('?');
    return new Upload(repository, query < 0 ? location : location.substring(0, query));
  }

  private RequestSpecification request() {
    return repository.request();
  }

  /** Sends a chunk with {@code Content-Range}. */
  Response chunk(int first, byte[] bytes) {
    return chunk(first + "-" + (first + bytes.length - 1), bytes);
  }

  Response chunk(String contentRange, byte[] bytes) {
    return octets(bytes).header("Content-Range", contentRange).patch(location);
  }

  /** Sends bytes of known length without {@code Content-Range}. */
  Response append(byte[] bytes) {
    return octets(bytes).patch(location);
  }

  /** Sends bytes by chunked transfer. */
  Response stream(byte[] bytes) {
    return request()
        .contentType(Content.OCTET_STREAM)
        .body(new ByteArrayInputStream(bytes))
        .patch(location);
  }

  /** Closes the upload without more bytes. */
  Response commit(String digest) {
    return request().put(committed(digest));
  }

  /** Closes the upload with its last bytes. */
  Response commit(String digest, byte[] bytes) {
    return octets(bytes).put(committed(digest));
  }

  /** Closes the upload with a last chunk. */
  Response commit(String digest, int first, byte[] bytes) {
    return octets(bytes)
        .header("Content-Range", first + "-" + (first + bytes.length - 1))
        .put(committed(digest));
  }

  Response commitWithoutDigest() {
    return request().put(location);
  }

  Response state() {
    return request().get(location);
  }

  Response cancel() {
    return request().delete(location);
  }

  private String committed(String digest) {
    return location + (location.indexOf('?') < 0 ? "?" : "&") + "digest=" + digest;
  }

  private RequestSpecification octets(byte[] bytes) {
    var request = request().contentType(Content.OCTET_STREAM);
    return bytes.length == 0 ? request : request.body(bytes);
  }
}
