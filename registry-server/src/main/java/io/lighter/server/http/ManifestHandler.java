package io.lighter.server.http;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.ManifestView;
import io.lighter.oci.OciErrorCode;
import io.lighter.oci.Reference;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.content.Quotas;
import io.lighter.server.content.Repositories;
import io.lighter.server.content.RepositoryContent;
import io.lighter.server.content.RepositoryPatterns;
import io.lighter.server.content.TagViews;
import io.lighter.server.content.View;
import io.lighter.server.convert.ConversionScheduler;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.storage.Leases;
import io.lighter.storage.ManifestPut;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.TagCondition;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** {@code /v2/<name>/manifests/<reference>}: pull, push and delete, by tag and by digest. */
final class ManifestHandler {
  /** Largest manifest that is accepted, in bytes; clients refuse to read larger ones. */
  static final int MAX_BYTES = 4 << 20;

  /** Most tags that one push may name in its query. */
  private static final int MAX_TAGS = 256;

  private final Repositories repositories;
  private final MetadataStore metadata;
  private final TagViews views;
  private final ConversionScheduler conversions;
  private final Supplier<RepositoryPatterns> sparse;
  private final MissingContent missing;
  private final Quotas quotas;
  private final Leases leases;
  private final HotContent hot;
  private final Clock clock;

  ManifestHandler(
      Repositories repositories,
      MetadataStore metadata,
      TagViews views,
      ConversionScheduler conversions,
      Supplier<RepositoryPatterns> sparse,
      Quotas quotas,
      Leases leases,
      HotContent hot,
      Clock clock) {
    this.repositories = repositories;
    this.metadata = metadata;
    this.views = views;
    this.conversions = conversions;
    this.sparse = sparse;
    this.missing = new MissingContent(metadata);
    this.quotas = quotas;
    this.leases = leases;
    this.hot = hot;
    this.clock = clock;
  }

  Answer handle(RegistryRequest request, Endpoint.Manifest endpoint) {
    return switch (request.method().name()) {
      case "GET", "HEAD" -> pull(request, endpoint);
      case "PUT" -> push(request, endpoint);
      case "DELETE" -> delete(request, endpoint);
      default -> throw MethodNotAllowed.allowed("GET, HEAD, PUT, DELETE");
    };
  }

  private Answer pull(RegistryRequest request, Endpoint.Manifest endpoint) {
    RepositoryContent repository = repositories.resolve(endpoint.name(), request.namespace());
    try {
      return switch (reference(endpoint)) {
        case Tag tag -> byTag(request, endpoint, repository, tag);
        case Digest digest -> byDigest(request, endpoint, repository, digest);
      };
    } catch (UpstreamException e) {
      // A client that is about to push asks this first, and goes on after a 404 only. Whether the
      // default upstream is out of reach or hides the name from us must not keep him from it.
      if (request.isHead() && repositories.isUnheardOf(endpoint.name(), request.namespace())) {
        throw unknown(endpoint);
      }
      throw e;
    }
  }

  /** A tag that cannot exist does not exist: for reading that is 404, as the older suite wants. */
  private static Reference reference(Endpoint.Manifest endpoint) {
    return endpoint.reference().indexOf(':') >= 0
        ? Digest.parse(endpoint.reference())
        : Tag.tryParse(endpoint.reference()).orElseThrow(() -> unknown(endpoint));
  }

  private Answer byTag(
      RegistryRequest request, Endpoint.Manifest endpoint, RepositoryContent repository, Tag tag) {
    long asOf = hot.generation();
    TagViews.TagAnswer resolved =
        views.resolve(repository, tag, requestedView(request)).orElseThrow(() -> unknown(endpoint));
    HotContent.KnownManifest known =
        content(request, endpoint, repository, resolved.digest(), Optional.of(resolved.view()));
    note(request, endpoint, known, resolved.holds(), asOf);
    return known.answer(request.isHead(), request.selection()).warned(resolved.warning());
  }

  private Answer byDigest(
      RegistryRequest request,
      Endpoint.Manifest endpoint,
      RepositoryContent repository,
      Digest digest) {
    long asOf = hot.generation();
    HotContent.KnownManifest known =
        content(request, endpoint, repository, digest, Optional.empty());
    note(request, endpoint, known, ChronoUnit.FOREVER.getDuration(), asOf);
    return known.answer(request.isHead(), request.selection());
  }

  private void note(
      RegistryRequest request,
      Endpoint.Manifest endpoint,
      HotContent.KnownManifest known,
      Duration holds,
      long asOf) {
    hot.note(endpoint, request.namespace(), request.selection(), known, holds, asOf);
  }

  /**
   * @param view the view that a tag was resolved to; none if the address is the digest, which never
   *     means anything else
   */
  private HotContent.KnownManifest content(
      RegistryRequest request,
      Endpoint.Manifest endpoint,
      RepositoryContent repository,
      Digest digest,
      Optional<View> view) {
    Leases.Use use = request.isHead() ? Leases.Use.ASK : Leases.Use.READ;
    Manifest manifest =
        Found.kept(
                () -> repository.manifest(digest),
                () -> leases.keep(repository.name(), digest, use))
            .orElseThrow(() -> unknown(endpoint));
    if (!request.isHead()) {
      conversions.pulled(repository, manifest);
    }
    var content =
        new Representation(
            manifest.digest(), manifest.mediaType(), view.isEmpty(), repository.namespace());
    return new HotContent.KnownManifest(
        repository.name(), manifest, content, view.map(View::headerValue), !request.isHead());
  }

  private static Optional<View> requestedView(RegistryRequest request) {
    return request
        .header(View.HEADER)
        .map(value ->
            View.tryParse(value)
                .orElseThrow(() ->
                    ProtocolException.of(
                        OciErrorCode.UNSUPPORTED,
                        400,
                        "%s: \"%s\" is no view; allowed are original and lazy"
                            .formatted(View.HEADER, value))));
  }

  private Answer push(RegistryRequest request, Endpoint.Manifest endpoint) {
    RepositoryName repository = repositories.writable(endpoint.name(), request.namespace());
    quotas.require(repository, 0);
    Reference reference = Reference.parse(endpoint.reference());
    byte[] content =
        request
            .body()
            .readAll(MAX_BYTES)
            .orElseThrow(() ->
                ProtocolException.of(
                    OciErrorCode.MANIFEST_INVALID,
                    413,
                    "a manifest has at most %d bytes".formatted(MAX_BYTES)));
    ManifestView view = ManifestView.parse(request.header("Content-Type"), content);
    Manifest manifest = addressed(reference, view, content);
    List<Tag> tags = tags(request, reference);
    boolean complete = !sparse.get().contains(repository);
    metadata.putManifest(
        new ManifestPut(
            repository,
            RepositoryKind.HOSTED,
            manifest,
            view,
            tags,
            condition(request),
            clock.instant(),
            List.of(),
            complete));
    hot.forgetAll();
    if (!tags.isEmpty()) {
      conversions.pushed(repository, manifest.digest());
    }
    return pushed(
            repository, manifest.digest(), view, reference instanceof Digest ? tags : List.of())
        .warned(complete ? Optional.empty() : missing.warning(repository, view));
  }

  /** The tags that shall name the manifest: the one in the path, or those in the query. */
  private static List<Tag> tags(RegistryRequest request, Reference reference) {
    List<String> parameters = request.query().all("tag");
    return switch (reference) {
      case Tag tag when parameters.isEmpty() -> List.of(tag);
      case Tag tag ->
          throw ProtocolException.of(
              OciErrorCode.UNSUPPORTED,
              400,
              "the query parameter \"tag\" needs a digest in the path, not the tag " + tag);
      case Digest _ when parameters.size() > MAX_TAGS ->
          throw ProtocolException.of(
              OciErrorCode.UNSUPPORTED,
              414,
              "%d tags in one request; allowed are %d".formatted(parameters.size(), MAX_TAGS));
      case Digest _ -> parameters.stream().map(Tag::parse).toList();
    };
  }

  /** What a tag must name before, by {@code If-Match} and {@code If-None-Match}. */
  private static TagCondition condition(RegistryRequest request) {
    Optional<String> ifMatch = request.header("If-Match");
    Optional<String> ifNoneMatch = request.header("If-None-Match");
    return current ->
        (ifMatch.isEmpty()
                || current.filter(d -> EntityTags.anyStrong(ifMatch.get(), d)).isPresent())
            && (ifNoneMatch.isEmpty()
                || current.filter(d -> EntityTags.anyWeak(ifNoneMatch.get(), d)).isEmpty());
  }

  private static Manifest addressed(Reference reference, ManifestView view, byte[] content) {
    return switch (reference) {
      case Tag _ -> new Manifest(Digest.ofSha256(content), view.mediaType(), content);
      case Digest expected -> {
        Digest actual = Digest.of(expected.algorithm(), content);
        if (!actual.equals(expected)) {
          throw ProtocolException.of(
              OciErrorCode.DIGEST_INVALID,
              "the manifest has digest %s, not %s".formatted(actual, expected));
        }
        yield new Manifest(expected, view.mediaType(), content);
      }
    };
  }

  private static Answer pushed(
      RepositoryName repository, Digest digest, ManifestView view, List<Tag> tags) {
    Answer answer =
        Answer.of(201)
            .with("Location", "/v2/" + repository + "/manifests/" + digest)
            .with("Docker-Content-Digest", digest.toString());
    for (Tag tag : tags) {
      answer = answer.with("OCI-Tag", tag.value());
    }
    return view.subject().isPresent()
        ? answer.with("OCI-Subject", view.subject().get().digest().toString())
        : answer;
  }

  private Answer delete(RegistryRequest request, Endpoint.Manifest endpoint) {
    RepositoryName repository = repositories.writable(endpoint.name(), request.namespace());
    boolean deleted =
        switch (reference(endpoint)) {
          case Tag tag -> metadata.deleteTag(repository, tag, condition(request));
          case Digest digest -> {
            requireCondition(request, repository, digest);
            yield metadata.deleteManifest(repository, digest);
          }
        };
    hot.forgetAll();
    if (!deleted) {
      throw unknown(endpoint);
    }
    return Answer.of(202);
  }

  /** What is not there is 404 whatever the condition is (RFC 9110, section 13.2.1). */
  private void requireCondition(RegistryRequest request, RepositoryName repository, Digest digest) {
    if (!condition(request).allows(Optional.of(digest))
        && metadata.manifest(repository, digest).isPresent()) {
      throw ProtocolException.of(
          OciErrorCode.DENIED,
          412,
          "If-Match or If-None-Match does not allow for %s; nothing was changed".formatted(digest));
    }
  }

  private static ProtocolException unknown(Endpoint.Manifest endpoint) {
    return ProtocolException.of(
            OciErrorCode.MANIFEST_UNKNOWN,
            "repository %s has no manifest %s".formatted(endpoint.name(), endpoint.reference()))
        .detail("reference", endpoint.reference());
  }
}
