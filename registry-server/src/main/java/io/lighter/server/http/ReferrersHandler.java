package io.lighter.server.http;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.MediaTypes;
import io.lighter.server.content.Repositories;
import io.lighter.storage.MetadataStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code GET} of {@code /v2/<name>/referrers/<digest>}: always a list, for any well-formed digest.
 */
final class ReferrersHandler {
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
    Paging.Page<Descriptor> page =
        paging.page(limit ->
            fallback.merge(
                metadata.referrers(repository.name(), subject, paging.after(), limit),
                repository.name(),
                subject,
                paging.after(),
                limit));
    List<String> types = request.query().all("artifactType");
    var manifests =
        page.entries().stream()
            .filter(referrer ->
                types.isEmpty() || referrer.artifactType().filter(types::contains).isPresent())
            .map(ReferrersHandler::json)
            .toList();
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
