package io.lighter.server.http;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.MediaTypes;
import io.lighter.oci.RepositoryName;
import io.lighter.server.content.Repositories;
import io.lighter.storage.MetadataStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    Paging.Page<Descriptor> page =
        page(
            repository.name(),
            subject,
            paging,
            referrer ->
                types.isEmpty() || referrer.artifactType().filter(types::contains).isPresent());
    var manifests = page.entries().stream().map(ReferrersHandler::json).toList();
    var answer =
        Answer.of(200)
            .json(
                JsonBodies.of(new Index(2, MediaTypes.OCI_INDEX, manifests)), MediaTypes.OCI_INDEX);
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

  /**
   * As many referrers as the client wants and can read. They are looked at in batches, because
   * their annotations may be as long as manifests are.
   */
  private Paging.Page<Descriptor> page(
      RepositoryName repository, Digest subject, Paging paging, Predicate<Descriptor> wanted) {
    var entries = new ArrayList<Descriptor>();
    long bytes = 0;
    String after = paging.after();
    while (entries.size() < paging.limit()) {
      List<Descriptor> batch =
          fallback.merge(
              metadata.referrers(repository, subject, after, BATCH),
              repository,
              subject,
              after,
              BATCH);
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
    return new Paging.Page<>(entries, paging.limit() > 0 && follows(repository, subject, after));
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
