package io.lighter.server.admin.view;

import io.lighter.oci.RepositoryName;
import io.lighter.server.admin.AdminRequest;
import io.lighter.server.admin.AdminView;
import io.lighter.server.admin.StoredNames;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.RepositoryKind;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** {@code GET /admin/repositories?after=NAME&limit=N}: the repositories, by their names. */
public final class RepositoriesView implements AdminView {

  /** More tags are not counted. */
  private static final int COUNTED = 1000;

  private final MetadataStore metadata;

  public RepositoriesView(MetadataStore metadata) {
    this.metadata = metadata;
  }

  @Override
  public String name() {
    return "repositories";
  }

  @Override
  public Set<String> parameters() {
    return Page.PARAMETERS;
  }

  @Override
  public Record read(AdminRequest request) {
    Page<RepositoryName> page = Page.of(request, metadata::repositories, RepositoryName::value);
    return new Document(page.entries().stream().map(this::entry).toList(), page.next());
  }

  private Entry entry(RepositoryName name) {
    RepositoryKind kind = metadata.repository(name).orElse(RepositoryKind.HOSTED);
    int tags = metadata.tags(name, "", COUNTED + 1).size();
    return new Entry(
        name.value(),
        kind.name().toLowerCase(Locale.ROOT),
        StoredNames.upstream(name, kind),
        Math.min(tags, COUNTED),
        tags > COUNTED);
  }

  /**
   * A page.
   *
   * @param next to be asked for with {@code after}; empty at the end
   */
  private record Document(List<Entry> repositories, String next) {}

  /**
   * A repository.
   *
   * @param upstream host that it is mirrored from; empty for hosted ones
   * @param moreTags whether there are more tags than were counted
   */
  private record Entry(String name, String kind, String upstream, int tags, boolean moreTags) {}
}
