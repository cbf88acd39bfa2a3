package io.lighter.server.http;

/**
 * An endpoint of the OCI Distribution Specification ("Endpoints"), with the parts of the path as
 * they were sent: whether a name or a reference is well-formed is for its handler to say, because
 * the right answer differs.
 */
sealed interface Endpoint {

  /** {@code /v2/}. */
  record Ping() implements Endpoint {}

  /** {@code /token}: where clients get tokens (Docker's "Token Authentication"). */
  record Token() implements Endpoint {}

  /** {@code /v2/_catalog}. */
  record Catalog() implements Endpoint {}

  /** {@code /v2/<name>/blobs/<digest>}. */
  record Blob(String name, String digest) implements Endpoint {}

  /** {@code /v2/<name>/blobs/uploads/}. */
  record Uploads(String name) implements Endpoint {}

  /** {@code /v2/<name>/blobs/uploads/<id>}. */
  record Upload(String name, String id) implements Endpoint {}

  /** {@code /v2/<name>/manifests/<reference>}. */
  record Manifest(String name, String reference) implements Endpoint {}

  /** {@code /v2/<name>/tags/list}. */
  record Tags(String name) implements Endpoint {}

  /** {@code /v2/<name>/referrers/<digest>}. */
  record Referrers(String name, String digest) implements Endpoint {}
}
