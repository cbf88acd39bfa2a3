package io.lighter.server.http;

import io.lighter.oci.Digest;
import io.lighter.oci.OciErrorCode;
import io.lighter.oci.RepositoryName;
import io.lighter.server.content.Repositories;
import io.lighter.server.content.RepositoryContent;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.MetadataStore;

/** {@code GET}, {@code HEAD} and {@code DELETE} of {@code /v2/<name>/blobs/<digest>}. */
final class BlobHandler {
  private final Repositories repositories;
  private final MetadataStore metadata;
  private final HotBlobs hot;

  BlobHandler(Repositories repositories, MetadataStore metadata, HotBlobs hot) {
    this.repositories = repositories;
    this.metadata = metadata;
    this.hot = hot;
  }

  Answer handle(RegistryRequest request, Endpoint.Blob endpoint) {
    Digest digest = Digest.parse(endpoint.digest());
    return switch (request.method().name()) {
      case "GET" -> get(request, endpoint, digest);
      case "HEAD" -> head(request, endpoint, digest);
      case "DELETE" -> delete(request, endpoint, digest);
      default -> throw MethodNotAllowed.allowed("GET, HEAD, DELETE");
    };
  }

  private Answer head(RegistryRequest request, Endpoint.Blob endpoint, Digest digest) {
    RepositoryContent repository =
        repositories.forBlob(endpoint.name(), request.namespace(), digest);
    BlobInfo blob = repository.blob(digest).orElseThrow(() -> unknown(endpoint));
    return BlobAnswers.head(digest, blob.size(), request.headers(), repository.namespace());
  }

  private Answer get(RegistryRequest request, Endpoint.Blob endpoint, Digest digest) {
    long asOf = hot.generation();
    RepositoryContent repository =
        repositories.forBlob(endpoint.name(), request.namespace(), digest);
    BlobSource source = repository.open(digest).orElseThrow(() -> unknown(endpoint));
    if (source instanceof BlobSource.LocalFile) {
      hot.note(
          endpoint.name(),
          request.namespace(),
          repository.namespace(),
          new BlobInfo(digest, source.size()),
          asOf);
    }
    return BlobAnswers.get(digest, source, request.headers(), repository.namespace());
  }

  private Answer delete(RegistryRequest request, Endpoint.Blob endpoint, Digest digest) {
    RepositoryName repository = repositories.writable(endpoint.name(), request.namespace());
    boolean unlinked = metadata.unlinkBlob(repository, digest);
    hot.forgetAll();
    if (!unlinked) {
      throw unknown(endpoint);
    }
    return Answer.of(202).with("Docker-Content-Digest", digest.toString());
  }

  private static ProtocolException unknown(Endpoint.Blob endpoint) {
    return ProtocolException.of(
            OciErrorCode.BLOB_UNKNOWN,
            "repository %s has no blob %s".formatted(endpoint.name(), endpoint.digest()))
        .detail("digest", endpoint.digest());
  }
}
