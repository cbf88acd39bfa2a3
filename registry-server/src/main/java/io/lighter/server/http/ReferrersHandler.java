package io.lighter.server.http;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.MediaTypes;
import io.lighter.oci.RepositoryName;
import io.lighter.server.content.Repositories;
import io.lighter.server.content.RepositoryContent;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.storage.MetadataStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * {@code GET} of {@code /v2/<name>/referrers/<digest>}: always a list, for any well-formed digest.
 */
final class ReferrersHandler {
  /** containerd reads no list beyond 4 MiB, and no second page. */
  private static final int MAX_BYTES = 3_500_000;

  private static final int BATCH = 32;

  private final Repositories repositories;
  private final MetadataStore metadata;
  private final FallbackReferrers fallback;

  ReferrersHandler(Repositories repositories, MetadataStore metadata) {
    this.repositories = repositories;
    this.metadata = metadata;
    this.fallback = new FallbackReferrers(metadata);
  }

  Answer handle(RegistryRequest request, Endpoint.Referrers endpoint) {
    if (!request.method().name().equals("GET") && !request.isHead()) {
      throw MethodNotAllowed.allowed("GET, HEAD");
    }
    Digest subject = Digest.parse(endpoint.digest());
    var repository = repositories.resolve(endpoint.name(), request.namespace());
    var paging = Paging.parse(request.query());
    List<String> types = request.query().all("artifactType");
    RepositoryContent.Listing<Descriptor> upstream =
        upstream(request, endpoint, subject, repository);
    Paging.Page<Descriptor> page =
        page(
            repository.name(),
            subject,
            upstream.entries(),
            paging,
            referrer ->
                types.isEmpty() || referrer.artifactType().filter(types::contains).isPresent());
    var manifests = page.entries().stream().map(ReferrersHandler::json).toList();
    var answer =
        Answer.of(200)
            .json(
                JsonBodies.of(new Index(2, MediaTypes.OCI_INDEX, manifests)), MediaTypes.OCI_INDEX)
            .named(repository.namespace())
            .warned(upstream.warning());
    if (!types.isEmpty()) {
      answer = answer.with("OCI-Filters-Applied", "artifactType");
    }
    return page.more()
        ? answer.with(
            "Link",
            paging.link(
                "/v2/" + endpoint.name() + "/referrers/" + subject,
                page.entries().getLast().digest().toString(),
                request.query()))
        : answer;
  }

  /** Of a name that nothing is known of, the default upstream need not say anything either. */
  private RepositoryContent.Listing<Descriptor> upstream(
      RegistryRequest request,
      Endpoint.Referrers endpoint,
      Digest subject,
      RepositoryContent repository) {
    try {
      return repository.upstreamReferrers(subject);
    } catch (UpstreamException e) {
      if (repositories.isUnheardOf(endpoint.name(), request.namespace())) {
        return RepositoryContent.Listing.of(List.of());
      }
      throw e;
    }
  }

  /**
   * As many referrers as the client wants and can read. They are looked at in batches, because
   * their annotations may be as long as manifests are.
   */
  private Paging.Page<Descriptor> page(
      RepositoryName repository,
      Digest subject,
      List<Descriptor> upstream,
      Paging paging,
      Predicate<Descriptor> wanted) {
    var entries = new ArrayList<Descriptor>();
    long bytes = 0;
    String after = paging.after();
    while (entries.size() < paging.limit()) {
      List<Descriptor> stored =
          fallback.merge(
              metadata.referrers(repository, subject, after, BATCH),
              repository,
              subject,
              after,
              BATCH);
      List<Descriptor> batch = merged(stored, behind(upstream, after));
      for (Descriptor referrer : batch) {
        if (wanted.test(referrer)) {
          bytes += JsonBodies.of(json(referrer)).length + 1;
          if (entries.size() == paging.limit() || (bytes > MAX_BYTES && !entries.isEmpty())) {
            return new Paging.Page<>(entries, true);
          }
          entries.add(referrer);
        }
      }
      if (batch.size() < BATCH) {
        return new Paging.Page<>(entries, false);
      }
      after = batch.getLast().digest().toString();
    }
    boolean more = !behind(upstream, after).isEmpty() || follows(repository, subject, after);
    return new Paging.Page<>(entries, paging.limit() > 0 && more);
  }

  private static List<Descriptor> behind(List<Descriptor> upstream, String after) {
    return upstream.stream()
        .filter(referrer -> referrer.digest().toString().compareTo(after) > 0)
        .toList();
  }

  /** A batch of what is stored, together with what of upstream's list belongs between. */
  private static List<Descriptor> merged(List<Descriptor> stored, List<Descriptor> upstream) {
    var batch = new TreeMap<String, Descriptor>();
    upstream.forEach(referrer -> batch.put(referrer.digest().toString(), referrer));
    stored.forEach(referrer -> batch.put(referrer.digest().toString(), referrer));
    // Of a full batch of the store at least as many are left, so nothing of its next is missed.
    return batch.values().stream().limit(BATCH).toList();
  }

  private boolean follows(RepositoryName repository, Digest subject, String after) {
    return !metadata.referrers(repository, subject, after, 1).isEmpty();
  }

  private static Map<String, Object> json(Descriptor referrer) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("mediaType", referrer.mediaType());
    fields.put("digest", referrer.digest().toString());
    fields.put("size", referrer.size());
    referrer.artifactType().ifPresent(type -> fields.put("artifactType", type));
    if (!referrer.annotations().isEmpty()) {
      fields.put("annotations", referrer.annotations());
    }
    return fields;
  }

  private record Index(int schemaVersion, String mediaType, List<Map<String, Object>> manifests) {}
}
