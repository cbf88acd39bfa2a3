package io.lighter.server.upstream;

import io.lighter.oci.Digest;
import io.lighter.oci.InvalidManifestException;
import io.lighter.oci.Manifest;
import io.lighter.oci.ManifestView;
import io.lighter.oci.MediaTypes;
import io.lighter.oci.Reference;
import io.lighter.oci.RepositoryName;
import io.lighter.server.upstream.UpstreamObserver.Operation;
import io.lighter.server.upstream.UpstreamObserver.Outcome;
import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One upstream, asked by the pull half of the OCI Distribution Specification. Every method blocks
 * and throws an {@link UpstreamException}; what can succeed when tried again is tried again,
 * briefly.
 *
 * <p>Connections are capped in two shares, so that a tag is not kept waiting by large blobs: a
 * quarter of them is for small answers, the rest for downloads.
 *
 * <p>Thread-safe.
 */
public final class UpstreamRegistry implements AutoCloseable {

  /** As large as the specification wants every registry to accept, and clients to send. */
  static final int MAX_MANIFEST = 4 * 1024 * 1024;

  private static final int RETRIES = 2;
  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100));
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\\*)");
  private static final String ACCEPT =
      String.join(
          ", ",
          MediaTypes.OCI_INDEX,
          MediaTypes.OCI_MANIFEST,
          MediaTypes.DOCKER_MANIFEST_LIST,
          MediaTypes.DOCKER_MANIFEST);

  private final UpstreamSettings settings;
  private final UpstreamObserver observer;
  private final RedirectingClient http;
  private final RefusedAnswers refusals;
  private final TokenClient tokens;
  private final Semaphore small;
  private final Semaphore downloads;

  /** What is asked: {@code tail} follows the repository's name in the path. */
  private record Question(
      Operation operation,
      String method,
      RepositoryName repository,
      String tail,
      Map<String, String> headers) {

    @Override
    public String toString() {
      return "%s /v2/%s/%s".formatted(method, repository, tail);
    }
  }

  @FunctionalInterface
  private interface Answer<T> {
    T read(UpstreamResponse response) throws IOException;
  }

  public UpstreamRegistry(UpstreamSettings settings, Clock clock, UpstreamObserver observer) {
    this.settings = settings;
    this.observer = observer;
    this.http = new RedirectingClient(settings);
    this.refusals = new RefusedAnswers(settings.name(), clock);
    this.tokens = new TokenClient(settings, http, refusals, clock);
    int share = Math.max(1, settings.maxConnections() / 4);
    this.small = new Semaphore(share, true);
    this.downloads = new Semaphore(settings.maxConnections() - share, true);
  }

  public UpstreamSettings settings() {
    return settings;
  }

  /** The reference host that it is configured under. */
  public String name() {
    return settings.name();
  }

  /**
   * Asks what a tag or digest names, without fetching it.
   *
   * @return the digest; empty if the upstream has the manifest and does not say its digest
   */
  public Optional<Digest> head(RepositoryName repository, Reference reference) {
    var question = manifestQuestion(Operation.MANIFEST_HEAD, "HEAD", repository, reference);
    return ask(
        question,
        response -> {
          if (response.status() == 405) {
            return Optional.empty();
          }
          requireOk(response, question);
          return contentDigest(response);
        });
  }

  /**
   * Fetches a manifest and checks it: against the digest that was asked for, or the one that the
   * upstream states.
   *
   * @throws UpstreamException.Invalid if it has another digest, is larger than 4 MiB, or is no
   *     manifest
   */
  public Manifest manifest(RepositoryName repository, Reference reference) {
    var question = manifestQuestion(Operation.MANIFEST_GET, "GET", repository, reference);
    return ask(
        question,
        response -> {
          requireOk(response, question);
          if (response.contentLength().orElse(0) > MAX_MANIFEST) {
            throw invalid(question, "is larger than %d bytes".formatted(MAX_MANIFEST));
          }
          return verified(question, reference, response);
        });
  }

  /** The size of a blob, as the upstream states it. */
  public long blobSize(RepositoryName repository, Digest digest) {
    var head = new Question(Operation.BLOB_HEAD, "HEAD", repository, "blobs/" + digest, Map.of());
    OptionalLong size =
        ask(
            head,
            response -> {
              // Object stores sign an address for one method, so that HEAD there may be refused.
              if (response.status() == 405 || (response.redirected() && response.status() == 403)) {
                return OptionalLong.empty();
              }
              requireOk(response, head);
              return response.contentLength();
            });
    return size.isPresent() ? size.getAsLong() : sizeByGet(repository, digest);
  }

  /**
   * Begins to fetch a blob. The caller holds a {@linkplain #awaitDownloadSlot download slot} and
   * closes the blob.
   *
   * @param from first byte that is wanted; an upstream that cannot do that sends all
   */
  UpstreamBlob blob(RepositoryName repository, Digest digest, long from) {
    Map<String, String> range = from == 0 ? Map.of() : Map.of("Range", "bytes=" + from + '-');
    var question = new Question(Operation.BLOB_GET, "GET", repository, "blobs/" + digest, range);
    return retrying(() -> observed(question.operation(), () -> openBlob(question, from)));
  }

  /** Waits, as long as it takes, for the right to download one blob. */
  void awaitDownloadSlot() {
    try {
      downloads.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UpstreamException.Unreachable("stopped while waiting for " + name(), e);
    }
  }

  void releaseDownloadSlot() {
    downloads.release();
  }

  /** Gives up every request under way. */
  @Override
  public void close() {
    http.close();
  }

  private Question manifestQuestion(
      Operation operation, String method, RepositoryName repository, Reference reference) {
    return new Question(
        operation, method, repository, "manifests/" + reference, Map.of("Accept", ACCEPT));
  }

  private long sizeByGet(RepositoryName repository, Digest digest) {
    var get = new Question(Operation.BLOB_GET, "GET", repository, "blobs/" + digest, Map.of());
    return ask(
        get,
        response -> {
          requireOk(response, get);
          return response.contentLength().orElseThrow(() -> invalid(get, "has no Content-Length"));
        });
  }

  private UpstreamBlob openBlob(Question question, long from) {
    UpstreamResponse response = exchange(question);
    boolean opened = false;
    try {
      UpstreamBlob blob = describe(question, from, response);
      opened = true;
      return blob;
    } finally {
      if (!opened) {
        response.close();
      }
    }
  }

  private UpstreamBlob describe(Question question, long from, UpstreamResponse response) {
    if (response.status() != 206 || from == 0) {
      requireOk(response, question);
      return new UpstreamBlob(response, 0, response.contentLength());
    }
    Matcher range = CONTENT_RANGE.matcher(response.header("Content-Range").orElse(""));
    if (!range.matches() || Long.parseLong(range.group(1)) != from) {
      throw invalid(question, "is not the range that was asked for");
    }
    return new UpstreamBlob(
        response,
        from,
        range.group(3).equals("*")
            ? OptionalLong.empty()
            : OptionalLong.of(Long.parseLong(range.group(3))));
  }

  /** One small answer: within its share of connections, read to its end, retried. */
  private <T> T ask(Question question, Answer<T> answer) {
    return retrying(() -> {
      awaitSmallSlot();
      try {
        return observed(question.operation(), () -> read(question, answer));
      } finally {
        small.release();
      }
    });
  }

  private <T> T read(Question question, Answer<T> answer) {
    UpstreamResponse response = exchange(question);
    try {
      return answer.read(response);
    } catch (IOException e) {
      throw new UpstreamException.Unreachable(
          "answer of %s to %s could not be read: %s".formatted(name(), question, e.getMessage()),
          e);
    } finally {
      if (response.status() == 200 && question.method().equals("GET")) {
        response.close();
      } else {
        response.body().discard();
      }
    }
  }

  /** Sends a question, with a fresh token if the upstream wants one. */
  private UpstreamResponse exchange(Question question) {
    URI uri =
        URI.create(
            "%s/v2/%s/%s".formatted(settings.endpoint(), question.repository(), question.tail()));
    String scope = "repository:%s:pull".formatted(question.repository());
    var known = tokens.known(scope).orElse(null);
    UpstreamResponse first = http.send(question.method(), uri, question.headers(), known);
    // Only the upstream itself may ask for credentials, not a host that it sent us on to.
    if (first.status() != 401 || first.redirected()) {
      return first;
    }
    first.body().discard();
    String renewed = tokens.renew(scope, first.headerValues("WWW-Authenticate"), known);
    return http.send(question.method(), uri, question.headers(), renewed);
  }

  private Manifest verified(Question question, Reference reference, UpstreamResponse response)
      throws IOException {
    byte[] content;
    try {
      content = response.body().readAll(MAX_MANIFEST, settings.stallTimeout());
    } catch (EOFException e) {
      throw invalid(question, e.getMessage() == null ? "is too large" : e.getMessage());
    }
    Digest expected =
        switch (reference) {
          case Digest digest -> digest;
          case io.lighter.oci.Tag _ ->
              contentDigest(response).orElseGet(() -> Digest.ofSha256(content));
        };
    Digest actual = Digest.of(expected.algorithm(), content);
    if (!actual.equals(expected)) {
      throw invalid(question, "has digest %s, not %s".formatted(actual, expected));
    }
    try {
      // Some registries call a manifest plain JSON; what it says itself is under its digest.
      Optional<String> type =
          response
              .header("Content-Type")
              .map(MediaTypes::withoutParameters)
              .filter(MediaTypes::isManifest);
      return new Manifest(actual, ManifestView.parse(type, content).mediaType(), content);
    } catch (InvalidManifestException e) {
      throw new UpstreamException.Invalid(
          "answer of %s to %s is not a manifest: %s".formatted(name(), question, e.getMessage()),
          e);
    }
  }

  private static Optional<Digest> contentDigest(UpstreamResponse response) {
    return response.header("Docker-Content-Digest").flatMap(Digest::tryParse);
  }

  private void requireOk(UpstreamResponse response, Question question) {
    if (response.status() != 200) {
      throw refusals.exception(response, question.toString());
    }
  }

  private UpstreamException invalid(Question question, String why) {
    return new UpstreamException.Invalid(
        "answer of %s to %s %s".formatted(name(), question, why), null);
  }

  private void awaitSmallSlot() {
    try {
      if (small.tryAcquire(settings.responseTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new UpstreamException.Unreachable(
        "all connections to %s are busy".formatted(name()), null);
  }

  private <T> T observed(Operation operation, Supplier<T> call) {
    try {
      T result = call.get();
      observer.requested(name(), operation, Outcome.OK);
      return result;
    } catch (UpstreamException e) {
      observer.requested(name(), operation, Outcome.of(e));
      throw e;
    }
  }

  /** Tries again what did not reach the upstream, unless that took long already. */
  private <T> T retrying(Supplier<T> call) {
    long giveUp = System.nanoTime() + settings.responseTimeout().toNanos() / 2;
    for (int failures = 1; ; failures++) {
      try {
        return call.get();
      } catch (UpstreamException.Unreachable e) {
        if (failures > RETRIES
            || System.nanoTime() - giveUp > 0
            || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        BACKOFF.pause(failures);
      }
    }
  }
}
