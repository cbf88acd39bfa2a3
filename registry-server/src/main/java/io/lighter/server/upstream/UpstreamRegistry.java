package io.lighter.server.upstream;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.InvalidManifestException;
import io.lighter.oci.Manifest;
import io.lighter.oci.ManifestView;
import io.lighter.oci.MediaTypes;
import io.lighter.oci.Reference;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.upstream.UpstreamCalls.Question;
import io.lighter.server.upstream.UpstreamObserver.Operation;
import io.lighter.storage.Extent;
import java.io.EOFException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One upstream, asked by the pull half of the OCI Distribution Specification. Every method blocks
 * and throws an {@link UpstreamException}; what can succeed when tried again is tried again,
 * briefly.
 *
 * <p>Thread-safe.
 */
public final class UpstreamRegistry implements AutoCloseable {

  /** As large as the specification wants every registry to accept, and clients to send. */
  static final int MAX_MANIFEST = 4 * 1024 * 1024;

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
  private final UpstreamCalls calls;
  private final RemoteLists lists;
  private volatile boolean retired;

  /**
   * @param clock tells when a token expires
   */
  public UpstreamRegistry(UpstreamSettings settings, Clock clock, UpstreamObserver observer) {
    this.settings = settings;
    this.calls = new UpstreamCalls(settings, clock, observer);
    this.lists = new RemoteLists(settings, calls);
  }

  public UpstreamSettings settings() {
    return settings;
  }

  /** The reference host that it is configured under. */
  public String name() {
    return settings.name();
  }

  /**
   * Asks what a tag names now, without fetching it.
   *
   * @param known what it named before; an upstream may answer that this has not changed
   * @return the digest; empty if the upstream has the manifest and does not say its digest
   */
  public Optional<Digest> head(RepositoryName repository, Tag tag, Digest known) {
    String etag = '"' + known.toString() + '"';
    var question =
        new Question(
            Operation.MANIFEST_HEAD,
            "HEAD",
            repository,
            "manifests/" + tag,
            Map.of("Accept", ACCEPT, "If-None-Match", etag));
    return calls.ask(
        question,
        response ->
            switch (response.status()) {
              case 304 -> Optional.of(known);
              case 405, 501 -> Optional.empty();
              default -> {
                calls.requireOk(response, question);
                yield contentDigest(response)
                    .or(() -> response.header("ETag").filter(etag::equals).map(_ -> known));
              }
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
    var question =
        new Question(
            Operation.MANIFEST_GET,
            "GET",
            repository,
            "manifests/" + reference,
            Map.of("Accept", ACCEPT));
    return calls.ask(
        question,
        response -> {
          calls.requireOk(response, question);
          if (response.contentLength().orElse(0) > MAX_MANIFEST) {
            throw invalid(question, "is larger than %d bytes".formatted(MAX_MANIFEST));
          }
          return verified(question, reference, response);
        });
  }

  /** Every tag of a repository, in byte-wise order; at most 100,000. */
  public List<Tag> tags(RepositoryName repository) {
    return lists.tags(repository);
  }

  /**
   * Every manifest that names this one as its subject: as the referrers API says, or, where there
   * is none, as clients wrote it down under the subject's fallback tag.
   */
  public List<Descriptor> referrers(RepositoryName repository, Digest subject) {
    return lists
        .referrers(repository, subject)
        .orElseGet(() -> {
          try {
            return manifest(repository, Tag.listingReferrersOf(subject)).view().manifests();
          } catch (UpstreamException.NotFound e) {
            return List.of();
          }
        });
  }

  /** The size of a blob, as the upstream states it. */
  public long blobSize(RepositoryName repository, Digest digest) {
    var head = new Question(Operation.BLOB_HEAD, "HEAD", repository, "blobs/" + digest, Map.of());
    OptionalLong size =
        calls.ask(
            head,
            response -> {
              // Object stores sign an address for one method, so that HEAD there may be refused.
              if (response.status() == 405 || (response.redirected() && response.status() == 403)) {
                return OptionalLong.empty();
              }
              calls.requireOk(response, head);
              return response.contentLength();
            });
    return size.isPresent() ? size.getAsLong() : sizeByGet(repository, digest);
  }

  /**
   * Begins to fetch some bytes of a blob. The caller has {@linkplain #connect taken a connection}
   * and closes the blob.
   *
   * @param wanted an upstream that cannot do ranges sends all
   * @param size length of the whole blob
   */
  public UpstreamBlob blob(RepositoryName repository, Digest digest, Extent wanted, long size) {
    Map<String, String> range =
        wanted.length() == size
            ? Map.of()
            : Map.of("Range", "bytes=%d-%d".formatted(wanted.first(), wanted.end() - 1));
    var question = new Question(Operation.BLOB_GET, "GET", repository, "blobs/" + digest, range);
    return calls.open(question, response -> describe(question, wanted, size, response));
  }

  /**
   * Waits for a connection, which the caller closes.
   *
   * @throws UpstreamException.Unreachable if none was free in time
   */
  public UpstreamConnection connect(Priority priority, Duration patience) {
    return calls.connect(priority, patience);
  }

  /** Whether the next answer will come as fast as the link allows from its first byte on. */
  public boolean isWarm() {
    return calls.isWarm();
  }

  /** Whether it allows so few more pulls that none should be made that nobody waits for. */
  public boolean isShortOfPulls() {
    return calls.isShortOfPulls();
  }

  /** How it is doing, as far as was seen; it is not asked. Never blocks. */
  public UpstreamHealth health() {
    return calls.health();
  }

  /**
   * It is not configured any more, or otherwise. What is under way goes on to its end, on
   * connections that end with it.
   */
  public void retire() {
    retired = true;
    calls.retire();
  }

  /** Whether nothing is to be begun with it any more that nobody waits for. */
  public boolean isRetired() {
    return retired;
  }

  /** Gives up every request under way. */
  @Override
  public void close() {
    calls.close();
  }

  private long sizeByGet(RepositoryName repository, Digest digest) {
    var get = new Question(Operation.BLOB_GET, "GET", repository, "blobs/" + digest, Map.of());
    return calls.ask(
        get,
        response -> {
          calls.requireOk(response, get);
          return response.contentLength().orElseThrow(() -> invalid(get, "has no Content-Length"));
        });
  }

  private UpstreamBlob describe(
      Question question, Extent wanted, long size, UpstreamResponse response) {
    if (response.status() != 206 || question.headers().isEmpty()) {
      calls.requireOk(response, question);
      requireSize(question, size, response.contentLength());
      return new UpstreamBlob(response, new Extent(0, size));
    }
    Matcher range = CONTENT_RANGE.matcher(response.header("Content-Range").orElse(""));
    if (!range.matches() || Long.parseLong(range.group(1)) != wanted.first()) {
      throw invalid(question, "is not the range that was asked for");
    }
    long end = Long.parseLong(range.group(2)) + 1;
    if (end <= wanted.first() || end > wanted.end()) {
      throw invalid(question, "is not the range that was asked for");
    }
    requireSize(
        question,
        size,
        range.group(3).equals("*")
            ? OptionalLong.empty()
            : OptionalLong.of(Long.parseLong(range.group(3))));
    return new UpstreamBlob(response, new Extent(wanted.first(), end));
  }

  private void requireSize(Question question, long size, OptionalLong stated) {
    if (stated.isPresent() && stated.getAsLong() != size) {
      throw invalid(
          question, "says that it has %d bytes, not %d".formatted(stated.getAsLong(), size));
    }
  }

  private Manifest verified(Question question, Reference reference, UpstreamResponse response)
      throws IOException {
    byte[] content;
    try {
      content = response.body().readAll(MAX_MANIFEST, settings.network().stallTimeout());
    } catch (EOFException e) {
      throw invalid(question, e.getMessage() == null ? "is too large" : e.getMessage());
    }
    Digest expected =
        switch (reference) {
          case Digest digest -> digest;
          case Tag _ -> contentDigest(response).orElseGet(() -> Digest.ofSha256(content));
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

  private UpstreamException invalid(Question question, String why) {
    return new UpstreamException.Invalid(
        "answer of %s to %s %s".formatted(name(), question, why), null);
  }
}
