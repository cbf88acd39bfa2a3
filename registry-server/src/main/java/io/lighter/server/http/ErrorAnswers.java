package io.lighter.server.http;

import io.lighter.oci.InvalidManifestException;
import io.lighter.oci.InvalidReferenceException;
import io.lighter.oci.OciErrorCode;
import io.lighter.server.content.QuotaExceededException;
import io.lighter.server.content.ReadOnlyRepositoryException;
import io.lighter.server.content.TooManyUploadsException;
import io.lighter.server.content.UploadBusyException;
import io.lighter.server.limit.LimitException;
import io.lighter.server.upstream.UnknownNamespaceException;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.storage.StorageException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From exception to error answer: the only place where a failure becomes a status. The families of
 * exceptions are sealed, so a new kind of failure does not compile until it is mapped here.
 *
 * <p>A 4xx says what is wrong. A 5xx says only a request id; the log has the rest.
 */
final class ErrorAnswers {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorAnswers.class);

  private ErrorAnswers() {}

  /** The answer to a request that failed. */
  static Answer of(String requestId, Throwable failure) {
    return switch (failure) {
      case ProtocolException e -> protocol(e);
      case InvalidReferenceException e -> error(e.code(), e.code().status(), text(e), Map.of());
      case InvalidManifestException e ->
          error(OciErrorCode.MANIFEST_INVALID, 400, text(e), Map.of());
      case UnknownNamespaceException e -> error(OciErrorCode.NAME_UNKNOWN, 404, text(e), Map.of());
      case ReadOnlyRepositoryException e -> error(OciErrorCode.DENIED, 403, text(e), Map.of());
      case UploadBusyException e -> error(OciErrorCode.BLOB_UPLOAD_INVALID, 409, text(e), Map.of());
      case TooManyUploadsException e ->
          error(OciErrorCode.TOOMANYREQUESTS, 429, text(e), Map.of()).with("Retry-After", "10");
      case QuotaExceededException e -> error(OciErrorCode.DENIED, 403, text(e), Map.of());
      case LimitException e -> limited(requestId, e);
      case StorageException e -> storage(requestId, e);
      case UpstreamException e -> upstream(requestId, e);
      default -> {
        LOG.error("request {} failed", requestId, failure);
        yield internal(requestId, OciErrorCode.UNKNOWN, 500, "internal error");
      }
    };
  }

  private static Answer protocol(ProtocolException e) {
    Answer answer = error(e.code(), e.status(), e.message(), e.detail());
    for (Answer.Header header : e.headers()) {
      answer = answer.with(header.name(), header.value());
    }
    return answer;
  }

  private static Answer limited(String requestId, LimitException failure) {
    Answer answer =
        switch (failure) {
          case LimitException.ShareUsed e ->
              error(OciErrorCode.TOOMANYREQUESTS, 429, text(e), Map.of());
          case LimitException.Overloaded e ->
              internal(requestId, OciErrorCode.TOOMANYREQUESTS, 503, text(e));
        };
    return answer.with(
        "Retry-After", Long.toString(failure.retryAfter().plusMillis(999).toSeconds()));
  }

  private static Answer storage(String requestId, StorageException failure) {
    return switch (failure) {
      case StorageException.BlobMissing e ->
          error(OciErrorCode.BLOB_UNKNOWN, 404, text(e), Map.of());
      case StorageException.BlobDamaged e -> {
        // Not 404: it is linked, and a client that needs it has to learn that it is lost here.
        LOG.error("request {}: {}", requestId, e.getMessage());
        yield internal(requestId, OciErrorCode.UNKNOWN, 500, text(e));
      }
      case StorageException.ContentMissing e ->
          error(
              OciErrorCode.MANIFEST_BLOB_UNKNOWN,
              OciErrorCode.MANIFEST_BLOB_UNKNOWN.status(),
              text(e),
              e.missing().map(digest -> Map.of("digest", digest.toString())).orElseGet(Map::of));
      case StorageException.UploadMissing e ->
          error(OciErrorCode.BLOB_UPLOAD_UNKNOWN, 404, text(e), Map.of());
      case StorageException.DigestMismatch e ->
          error(OciErrorCode.DIGEST_INVALID, 400, text(e), Map.of());
      case StorageException.BlobInUse e ->
          error(OciErrorCode.UNSUPPORTED, 405, text(e), Map.of()).with("Allow", "GET, HEAD");
      case StorageException.TagChanged e ->
          error(OciErrorCode.DENIED, 412, text(e) + "; nothing was changed", Map.of());
      case StorageException.BelowFloor e ->
          // The log says once when that begins; each refusal would fill the disk that is full.
          internal(requestId, OciErrorCode.UNAVAILABLE, 507, text(e));
      case StorageException.DiskFull e -> {
        LOG.error("request {}: {}", requestId, e.getMessage());
        yield internal(requestId, OciErrorCode.UNAVAILABLE, 507, "the registry's disk is full");
      }
      case StorageException.Corrupt e -> {
        LOG.error("request {} met damaged data", requestId, e);
        yield internal(requestId, OciErrorCode.UNKNOWN, 500, "stored data is damaged");
      }
      case StorageException.Unavailable e -> {
        LOG.error("request {}: storage is unavailable", requestId, e);
        yield internal(requestId, OciErrorCode.UNAVAILABLE, 503, "storage is unavailable")
            .with("Retry-After", "1");
      }
    };
  }

  private static Answer upstream(String requestId, UpstreamException failure) {
    LOG.warn("request {}: {}", requestId, failure.getMessage());
    return switch (failure) {
      case UpstreamException.NotFound e -> error(OciErrorCode.NAME_UNKNOWN, 404, text(e), Map.of());
      case UpstreamException.Denied e -> error(OciErrorCode.DENIED, 403, text(e), Map.of());
      case UpstreamException.RateLimited e -> {
        Answer answer = error(OciErrorCode.TOOMANYREQUESTS, 429, text(e), Map.of());
        yield answer.with(
            "Retry-After",
            Long.toString(e.retryAfter().map(wait -> Math.max(1, wait.toSeconds())).orElse(60L)));
      }
      case UpstreamException.Failed _ ->
          internal(requestId, OciErrorCode.UNAVAILABLE, 503, "upstream answers with server errors")
              .with("Retry-After", "1");
      case UpstreamException.Unreachable _ ->
          internal(requestId, OciErrorCode.UNAVAILABLE, 503, "upstream cannot be reached")
              .with("Retry-After", "1");
      case UpstreamException.Invalid _ ->
          internal(requestId, OciErrorCode.UNAVAILABLE, 502, "upstream answered invalid content");
    };
  }

  /** The answer when as many requests are under way as may be. */
  static Answer overloaded(String requestId) {
    return internal(requestId, OciErrorCode.TOOMANYREQUESTS, 503, "too many requests at once")
        .with("Retry-After", "1");
  }

  /** The answer while the server stops; the next one may be up when the client comes back. */
  static Answer stopping(String requestId) {
    return internal(requestId, OciErrorCode.UNAVAILABLE, 503, "the registry is restarting")
        .with("Retry-After", "1");
  }

  private static Answer internal(String requestId, OciErrorCode code, int status, String message) {
    return error(code, status, message, Map.of("requestId", requestId));
  }

  private static Answer error(
      OciErrorCode code, int status, String message, Map<String, String> detail) {
    var entry = new LinkedHashMap<String, Object>();
    entry.put("code", code.name());
    entry.put("message", message);
    if (!detail.isEmpty()) {
      entry.put("detail", detail);
    }
    return Answer.of(status)
        .json(JsonBodies.of(Map.of("errors", List.of(entry))), "application/json");
  }

  private static String text(Throwable failure) {
    return String.valueOf(failure.getMessage());
  }
}
