package io.lighter.server.http;

import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import io.lighter.oci.OciErrorCode;
import io.lighter.oci.RepositoryName;
import io.lighter.server.access.Rights;
import io.lighter.server.content.QuotaExceededException;
import io.lighter.server.content.Quotas;
import io.lighter.server.content.Repositories;
import io.lighter.server.content.UploadSession;
import io.lighter.server.content.UploadSessions;
import io.lighter.server.http.range.ContentRange;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.Leases;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.StorageException;
import io.lighter.storage.UploadId;
import io.vertx.core.http.HttpMethod;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Pushing blobs (OCI Distribution Specification, "Pushing blobs"): {@code POST} to begin or to
 * mount, {@code PATCH} and {@code PUT} to send, {@code GET} for the state and {@code DELETE} to
 * cancel.
 *
 * <p>A location carries the offset it was given for, so that a chunk that is sent again to an old
 * location is refused and not stored twice.
 */
final class UploadHandler {
  /** Query parameter of a location: the offset that the upload had reached. */
  private static final String STATE = "_state";

  private final Repositories repositories;
  private final MetadataStore metadata;
  private final UploadSessions sessions;
  private final Leases leases;
  private final HotContent hot;
  private final BlobReceiver receiver;
  private final Quotas quotas;
  private final AccessGate gate;

  UploadHandler(
      Repositories repositories,
      MetadataStore metadata,
      UploadSessions sessions,
      Leases leases,
      HotContent hot,
      BlobReceiver receiver,
      Quotas quotas,
      AccessGate gate) {
    this.repositories = repositories;
    this.metadata = metadata;
    this.sessions = sessions;
    this.leases = leases;
    this.hot = hot;
    this.receiver = receiver;
    this.quotas = quotas;
    this.gate = gate;
  }

  Answer handle(RegistryRequest request, Endpoint.Uploads endpoint, Rights rights) {
    RepositoryName repository = repositories.writable(endpoint.name(), request.namespace());
    return switch (request.method().name()) {
      case "POST" -> begin(request, repository, rights);
      default -> throw MethodNotAllowed.allowed("POST");
    };
  }

  Answer handle(RegistryRequest request, Endpoint.Upload endpoint) {
    RepositoryName repository = repositories.writable(endpoint.name(), request.namespace());
    UploadId id =
        UploadId.tryParse(endpoint.id())
            .orElseThrow(() ->
                ProtocolException.of(
                    OciErrorCode.BLOB_UPLOAD_UNKNOWN, "upload unknown: " + endpoint.id()));
    try (var lease = sessions.lease(repository, id)) {
      return switch (request.method().name()) {
        case "PATCH" -> patch(request, repository, lease);
        case "PUT" -> put(request, repository, lease);
        case "GET" -> state(204, repository, lease);
        case "DELETE" -> cancel(lease);
        default -> throw MethodNotAllowed.allowed("GET, PATCH, PUT, DELETE");
      };
    } catch (StorageException.UploadMissing e) {
      return committedBefore(request, repository, id).orElseThrow(() -> e);
    }
  }

  /** The answer once more for a client that commits again because it has not seen it. */
  private Optional<Answer> committedBefore(
      RegistryRequest request, RepositoryName repository, UploadId id) {
    return request.method().equals(HttpMethod.PUT)
        ? request
            .query()
            .first("digest")
            .flatMap(Digest::tryParse)
            .filter(digest -> sessions.committed(repository, id, digest))
            .filter(digest -> leases.keep(repository, digest, Leases.Use.ASK))
            .map(digest -> created(repository, digest))
        : Optional.empty();
  }

  private Answer begin(RegistryRequest request, RepositoryName repository, Rights rights) {
    Optional<Digest> mount = request.query().first("mount").map(Digest::parse);
    if (mount.isPresent() && mount(request, repository, mount.get(), rights)) {
      return created(repository, mount.get());
    }
    request.query().first("digest-algorithm").ifPresent(UploadHandler::checkAlgorithm);
    quotas.require(repository, 1);
    // A mount that cannot be done falls back to an upload, whose digest then is no promise.
    Optional<Digest> whole =
        mount.isPresent() ? Optional.empty() : request.query().first("digest").map(Digest::parse);
    try (var lease = sessions.begin(repository)) {
      if (whole.isPresent()) {
        return single(request, repository, lease, whole.get());
      }
      return state(202, repository, lease);
    }
  }

  private Answer single(
      RegistryRequest request,
      RepositoryName repository,
      UploadSession.Lease lease,
      Digest digest) {
    try {
      expect(request, repository, lease, digest);
      receiver.receive(request, lease.writer(), OptionalLong.empty());
      return commit(repository, lease, digest);
    } catch (StorageException.DigestMismatch e) {
      throw e; // The commit has ended the upload.
    } catch (RuntimeException e) {
      // Nobody was told of this upload, so nobody can continue it.
      lease.writer().abort();
      sessions.end(lease);
      throw e;
    }
  }

  private Answer patch(
      RegistryRequest request, RepositoryName repository, UploadSession.Lease lease) {
    receiver.receive(request, lease.writer(), announced(request, repository, lease));
    return state(202, repository, lease);
  }

  private Answer put(
      RegistryRequest request, RepositoryName repository, UploadSession.Lease lease) {
    Digest digest =
        Digest.parse(
            request
                .query()
                .first("digest")
                .orElseThrow(() ->
                    ProtocolException.of(
                        OciErrorCode.DIGEST_INVALID,
                        "the query parameter \"digest\" is missing; the upload goes on")));
    try {
      expect(request, repository, lease, digest);
      receiver.receive(request, lease.writer(), announced(request, repository, lease));
      return commit(repository, lease, digest);
    } catch (QuotaExceededException e) {
      lease.writer().abort();
      sessions.end(lease);
      throw e;
    }
  }

  /** Says before it comes that a blob will not fit, as far as its length is known. */
  private void expect(
      RegistryRequest request,
      RepositoryName repository,
      UploadSession.Lease lease,
      Digest digest) {
    long length = BlobReceiver.contentLength(request).orElse(0);
    quotas.reserve(repository, digest, lease.writer().size() + length).close();
  }

  private Answer commit(RepositoryName repository, UploadSession.Lease lease, Digest digest) {
    try (var _ = quotas.reserve(repository, digest, lease.writer().size())) {
      link(repository, lease.writer().commit(digest));
    } catch (StorageException.DigestMismatch e) {
      sessions.end(lease);
      throw e;
    }
    sessions.committed(lease, repository, digest);
    return created(repository, digest);
  }

  private Answer cancel(UploadSession.Lease lease) {
    lease.writer().abort();
    sessions.end(lease);
    return Answer.of(204);
  }

  /**
   * Refuses a chunk that does not begin where the upload ends, before a byte of it is read.
   *
   * @return length of the chunk, if the client announced one by {@code Content-Range}
   */
  private static OptionalLong announced(
      RegistryRequest request, RepositoryName repository, UploadSession.Lease lease) {
    long size = lease.writer().size();
    Optional<String> header = request.header("Content-Range");
    if (header.isEmpty()) {
      Optional<String> state = request.query().first(STATE);
      if (state.isPresent() && !state.get().equals(token(size))) {
        throw outOfOrder(repository, lease, "this location is not the newest of the upload");
      }
      return OptionalLong.empty();
    }
    ContentRange range =
        ContentRange.parse(header.get())
            .orElseThrow(() ->
                outOfOrder(
                    repository,
                    lease,
                    "Content-Range \"%s\" is not <first>-<last>".formatted(header.get())));
    if (range.first() != size) {
      throw outOfOrder(
          repository,
          lease,
          "the chunk begins at byte %d, the upload has %d".formatted(range.first(), size));
    }
    Optional<String> length = request.header("Content-Length");
    if (length.isPresent() && !length.get().equals(Long.toString(range.length()))) {
      throw ProtocolException.of(
          OciErrorCode.SIZE_INVALID,
          "Content-Range names %d bytes, Content-Length %s"
              .formatted(range.length(), length.get()));
    }
    return OptionalLong.of(range.length());
  }

  private static ProtocolException outOfOrder(
      RepositoryName repository, UploadSession.Lease lease, String message) {
    return ProtocolException.of(OciErrorCode.BLOB_UPLOAD_INVALID, 416, message)
        .header("Location", location(repository, lease))
        .header("Range", received(lease));
  }

  /**
   * A mount from a repository that has the blob; without a name, from any hosted one. What the
   * client may not pull is as if it were not there.
   */
  private boolean mount(
      RegistryRequest request, RepositoryName repository, Digest digest, Rights rights) {
    Optional<String> from = request.query().first("from");
    Optional<RepositoryName> source = from.flatMap(RepositoryName::tryParse);
    if ((from.isPresent() && source.isEmpty()) || !gate.mayMount(request, rights, source)) {
      return false;
    }
    long size =
        source
            .or(() -> metadata.hostedHolder(digest))
            .flatMap(holder -> metadata.linkedBlob(holder, digest))
            .map(BlobInfo::size)
            .orElse(0L);
    try (var _ = quotas.reserve(repository, digest, size)) {
      return linking(repository, () -> metadata.mountBlob(repository, digest, source)).isPresent();
    }
  }

  private void link(RepositoryName repository, BlobInfo blob) {
    linking(
        repository,
        () -> {
          metadata.linkBlob(repository, RepositoryKind.HOSTED, blob);
          return Optional.of(blob);
        });
  }

  /** Does something that may create a repository. */
  private Optional<BlobInfo> linking(
      RepositoryName repository, Supplier<Optional<BlobInfo>> change) {
    boolean first = metadata.repository(repository).isEmpty();
    Optional<BlobInfo> linked = change.get();
    if (first) {
      // The plain name may have meant a mirrored repository until now.
      hot.forgetAll();
    }
    return linked;
  }

  private static void checkAlgorithm(String identifier) {
    if (DigestAlgorithm.of(identifier).isEmpty()) {
      throw ProtocolException.of(
          OciErrorCode.DIGEST_INVALID,
          "unsupported digest algorithm \"%s\"; allowed are sha256 and sha512"
              .formatted(identifier));
    }
  }

  private static Answer created(RepositoryName repository, Digest digest) {
    return Answer.of(201)
        .with("Location", "/v2/" + repository + "/blobs/" + digest)
        .with("Docker-Content-Digest", digest.toString());
  }

  private static Answer state(int status, RepositoryName repository, UploadSession.Lease lease) {
    return Answer.of(status)
        .with("Location", location(repository, lease))
        .with("Range", received(lease))
        .with("Docker-Upload-UUID", lease.id().toString());
  }

  private static String location(RepositoryName repository, UploadSession.Lease lease) {
    return "/v2/%s/blobs/uploads/%s?%s=%s"
        .formatted(repository, lease.id(), STATE, token(lease.writer().size()));
  }

  /** For zero bytes too it is 0-0: Docker's client refuses the honest form. */
  private static String received(UploadSession.Lease lease) {
    return "0-" + Math.max(0, lease.writer().size() - 1);
  }

  private static String token(long offset) {
    return Long.toString(offset, Character.MAX_RADIX);
  }
}
