package io.lighter.server.http;

import io.lighter.oci.Digest;
import io.lighter.oci.OciErrorCode;
import io.lighter.oci.RepositoryName;
import io.lighter.server.access.Rights;
import io.lighter.server.content.Repositories;
import io.lighter.server.content.RepositoryContent;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.Leases;
import io.lighter.storage.MetadataStore;
import java.util.Optional;

/** {@code GET}, {@code HEAD} and {@code DELETE} of {@code /v2/<name>/blobs/<digest>}. */
final class BlobHandler {
  private final Repositories repositories;
  private final MetadataStore metadata;
  private final Leases leases;
  private final HotContent hot;
  private final ReadCounts reads;
  private final AccessGate gate;

  BlobHandler(
      Repositories repositories,
      MetadataStore metadata,
      Leases leases,
      HotContent hot,
      ReadCounts reads,
      AccessGate gate) {
    this.repositories = repositories;
    this.metadata = metadata;
    this.leases = leases;
    this.hot = hot;
    this.reads = reads;
    this.gate = gate;
  }

  Answer handle(RegistryRequest request, Endpoint.Blob endpoint, Rights rights) {
    Digest digest = Digest.parse(endpoint.digest());
    return switch (request.method().name()) {
      case "GET" -> get(request, endpoint, digest, rights);
      case "HEAD" -> head(request, endpoint, digest, rights);
      case "DELETE" -> delete(request, endpoint, digest);
      default -> throw MethodNotAllowed.allowed("GET, HEAD, DELETE");
    };
  }

  private Answer head(
      RegistryRequest request, Endpoint.Blob endpoint, Digest digest, Rights rights) {
    RepositoryContent repository = gate.blobs(request, rights, endpoint.name(), digest);
    long size =
        Found.kept(
                () ->
                    repository
                        .blob(digest)
                        .map(BlobInfo::size)
                        .or(() -> manifest(repository, digest).map(BlobSource.Memory::size)),
                () -> leases.keep(repository.name(), digest, Leases.Use.ASK))
            .orElseThrow(() -> unknown(endpoint));
    return ContentAnswers.head(
        Representation.blob(digest, repository.namespace()), size, request.selection());
  }

  private Answer get(
      RegistryRequest request, Endpoint.Blob endpoint, Digest digest, Rights rights) {
    long asOf = hot.generation();
    RepositoryContent repository = gate.blobs(request, rights, endpoint.name(), digest);
    BlobSource source =
        repository
            .open(digest)
            .or(() -> manifest(repository, digest))
            .orElseThrow(() -> unknown(endpoint));
    // What is open can be read to its end, also if it is collected now.
    boolean kept = leases.keep(repository.name(), digest, Leases.Use.READ);
    if (kept && source instanceof BlobSource.LocalFile) {
      hot.note(
          endpoint.name(),
          request.namespace(),
          repository.name(),
          repository.namespace(),
          new BlobInfo(digest, source.size()),
          asOf);
    }
    Answer answer =
        ContentAnswers.get(
            Representation.blob(digest, repository.namespace()), source, request.selection());
    try {
      Arriving.prepare(answer.body());
    } catch (UpstreamException.NotFound e) {
      throw unknown(endpoint);
    }
    reads.begins(digest, answer);
    return answer;
  }

  /** Clients that lost a descriptor's media type ask for a manifest among the blobs. */
  private Optional<BlobSource.Memory> manifest(RepositoryContent repository, Digest digest) {
    return metadata
        .manifest(repository.name(), digest)
        .map(manifest -> new BlobSource.Memory(manifest.content()));
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
