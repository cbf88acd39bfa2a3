package io.lighter.server.http;

import io.lighter.oci.OciErrorCode;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.access.Rights;
import io.lighter.server.content.Repositories;
import io.lighter.server.content.RepositoryContent;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.storage.MetadataStore;
import java.util.ArrayList;
import java.util.List;

/** {@code GET} of {@code /v2/<name>/tags/list} and of {@code /v2/_catalog}. */
final class ListingHandler {
  private static final int CATALOG_STEP = 1000;

  private final Repositories repositories;
  private final MetadataStore metadata;
  private final AccessGate gate;

  ListingHandler(Repositories repositories, MetadataStore metadata, AccessGate gate) {
    this.repositories = repositories;
    this.metadata = metadata;
    this.gate = gate;
  }

  Answer tags(RegistryRequest request, Endpoint.Tags endpoint) {
    onlyGet(request);
    RepositoryContent repository = repositories.resolve(endpoint.name(), request.namespace());
    var paging = Paging.parse(request.query());
    RepositoryContent.Listing<Tag> found = listing(request, endpoint, repository, paging);
    Paging.Page<Tag> page = paging.page(_ -> found.entries());
    var answer =
        Answer.of(200)
            .json(
                JsonBodies.of(
                    new TagList(endpoint.name(), page.entries().stream().map(Tag::value).toList())),
                "application/json");
    var named = answer.named(repository.namespace()).warned(found.warning());
    return page.more()
        ? named.with(
            "Link",
            paging.link(
                "/v2/" + endpoint.name() + "/tags/list",
                page.entries().getLast().value(),
                request.query()))
        : named;
  }

  private RepositoryContent.Listing<Tag> listing(
      RegistryRequest request,
      Endpoint.Tags endpoint,
      RepositoryContent repository,
      Paging paging) {
    try {
      // One more than the page holds tells whether others follow.
      return repository
          .tags(paging.after(), paging.limit() + 1)
          .orElseThrow(() -> unknown(endpoint));
    } catch (UpstreamException e) {
      // Docker Hub denies every name that does not exist, and it may be out of reach; but nobody
      // asked for Docker Hub's: a name that nothing was pushed under has no tags.
      if (repositories.isUnheardOf(endpoint.name(), request.namespace())) {
        throw unknown(endpoint);
      }
      throw e;
    }
  }

  private static ProtocolException unknown(Endpoint.Tags endpoint) {
    return ProtocolException.of(
        OciErrorCode.NAME_UNKNOWN, "repository unknown: " + endpoint.name());
  }

  /** Only what its reader may pull: nobody learns of other names here. */
  Answer catalog(RegistryRequest request, Rights rights) {
    onlyGet(request);
    var paging = Paging.parse(request.query());
    Paging.Page<RepositoryName> page = paging.page(limit -> listed(rights, paging.after(), limit));
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

  private List<RepositoryName> listed(Rights rights, String after, int limit) {
    var listed = new ArrayList<RepositoryName>();
    String last = after;
    while (listed.size() < limit) {
      List<RepositoryName> some = metadata.repositories(last, CATALOG_STEP);
      for (RepositoryName repository : some) {
        if (listed.size() < limit && gate.lists(rights, repository)) {
          listed.add(repository);
        }
      }
      if (some.size() < CATALOG_STEP) {
        break;
      }
      last = some.getLast().value();
    }
    return listed;
  }

  private static void onlyGet(RegistryRequest request) {
    if (!request.method().name().equals("GET") && !request.isHead()) {
      throw MethodNotAllowed.allowed("GET, HEAD");
    }
  }

  private record TagList(String name, List<String> tags) {}

  private record RepositoryList(List<String> repositories) {}
}
