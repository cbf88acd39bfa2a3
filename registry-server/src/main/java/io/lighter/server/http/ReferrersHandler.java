package io.lighter.server.http;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.MediaTypes;
import io.lighter.server.content.Repositories;
import io.lighter.server.content.RepositoryContent;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.storage.MetadataStore;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code GET} of {@code /v2/<name>/referrers/<digest>}: always a list, for any well-formed digest.
 */
final class ReferrersHandler {
  /** containerd reads no list beyond 4 MiB, and no second page. */
  private static final int MAX_BYTES = 3_500_000;

  private final Repositories repositories;
  private final MetadataStore metadata;

  ReferrersHandler(Repositories repositories, MetadataStore metadata) {
    this.repositories = repositories;
    this.metadata = metadata;
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
    var referrers =
        new ReferrerWalk(
            metadata,
            repository.name(),
            subject,
            upstream.entries(),
            paging.after(),
            referrer ->
                types.isEmpty() || referrer.artifactType().filter(types::contains).isPresent());
    Paging.Page<Descriptor> page = page(referrers, paging.limit());
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

  /** As many referrers as the client wants and can read. */
  private static Paging.Page<Descriptor> page(Iterator<Descriptor> referrers, int limit) {
    var entries = new ArrayList<Descriptor>();
    long bytes = 0;
    while (limit > 0 && referrers.hasNext()) {
      Descriptor referrer = referrers.next();
      bytes += JsonBodies.of(json(referrer)).length + 1;
      if (entries.size() == limit || (bytes > MAX_BYTES && !entries.isEmpty())) {
        return new Paging.Page<>(entries, true);
      }
      entries.add(referrer);
    }
    return new Paging.Page<>(entries, false);
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
