package io.lighter.server.http;

import io.lighter.oci.OciErrorCode;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.content.Repositories;
import io.lighter.server.content.RepositoryContent;
import io.lighter.storage.MetadataStore;
import java.util.List;

/** {@code GET} of {@code /v2/<name>/tags/list} and of {@code /v2/_catalog}. */
final class ListingHandler {
  private final Repositories repositories;
  private final MetadataStore metadata;

  ListingHandler(Repositories repositories, MetadataStore metadata) {
    this.repositories = repositories;
    this.metadata = metadata;
  }

  Answer tags(RegistryRequest request, Endpoint.Tags endpoint) {
    onlyGet(request);
    RepositoryContent repository = repositories.resolve(endpoint.name(), request.namespace());
    var paging = Paging.parse(request.query());
    if (metadata.repository(repository.name()).isEmpty()) {
      throw ProtocolException.of(
          OciErrorCode.NAME_UNKNOWN, "repository unknown: " + endpoint.name());
    }
    Paging.Page<Tag> page =
        paging.page(limit -> metadata.tags(repository.name(), paging.after(), limit));
    var answer =
        Answer.of(200)
            .json(
                JsonBodies.of(
                    new TagList(endpoint.name(), page.entries().stream().map(Tag::value).toList())),
                "application/json");
    var named =
        repository.namespace().map(host -> answer.with("OCI-Namespace", host)).orElse(answer);
    return page.more()
        ? named.with(
            "Link",
            paging.link(
                "/v2/" + endpoint.name() + "/tags/list",
                page.entries().getLast().value(),
                request.query()))
        : named;
  }

  Answer catalog(RegistryRequest request) {
    onlyGet(request);
    var paging = Paging.parse(request.query());
    Paging.Page<RepositoryName> page =
        paging.page(limit -> metadata.repositories(paging.after(), limit));
    var answer =
        Answer.of(200)
            .json(
                JsonBodies.of(
                    new RepositoryList(
                        page.entries().stream().map(RepositoryName::value).toList())),
                "application/json");
    return page.more()
        ? answer.with(
            "Link", paging.link("/v2/_catalog", page.entries().getLast().value(), request.query()))
        : answer;
  }

  private static void onlyGet(RegistryRequest request) {
    if (!request.method().name().equals("GET") && !request.isHead()) {
      throw MethodNotAllowed.allowed("GET, HEAD");
    }
  }

  private record TagList(String name, List<String> tags) {}

  private record RepositoryList(List<String> repositories) {}
}
