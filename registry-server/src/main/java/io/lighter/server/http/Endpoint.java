package io.lighter.server.http;

/**
 * An endpoint of the OCI Distribution Specification ("Endpoints"), with the parts of the path as
 * they were sent: whether a name or a reference is well-formed is for its handler to say, because
 * the right answer differs.
 */
sealed interface Endpoint {

  /** Its path as the specification writes it: the same for all requests of its kind. */
  default String route() {
    return switch (this) {
      case Ping _ -> "/v2/";
      case Token _ -> "/token";
      case Catalog _ -> "/v2/_catalog";
      case Blob _ -> "/v2/{name}/blobs/{digest}";
      case Uploads _ -> "/v2/{name}/blobs/uploads/";
      case Upload _ -> "/v2/{name}/blobs/uploads/{id}";
      case Manifest _ -> "/v2/{name}/manifests/{reference}";
      case Tags _ -> "/v2/{name}/tags/list";
      case Referrers _ -> "/v2/{name}/referrers/{digest}";
    };
  }

  /** The name of the repository as it was sent; empty if it is of none. */
  default String repository() {
    return switch (this) {
      case Ping _, Token _, Catalog _ -> "";
      case Blob(String name, _) -> name;
      case Uploads(String name) -> name;
      case Upload(String name, _) -> name;
      case Manifest(String name, _) -> name;
      case Tags(String name) -> name;
      case Referrers(String name, _) -> name;
    };
  }

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
