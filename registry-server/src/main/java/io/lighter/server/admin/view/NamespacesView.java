package io.lighter.server.admin.view;

import io.lighter.server.admin.AdminRequest;
import io.lighter.server.admin.AdminView;
import io.lighter.server.content.Quotas;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.NamespaceBytes;
import java.util.List;
import java.util.Set;

/** {@code GET /admin/namespaces?after=NAME&limit=N}: what was pushed where, and may be. */
public final class NamespacesView implements AdminView {
  private static final int LIMIT = 100;
  private static final int MOST = 500;

  private final MetadataStore metadata;
  private final Quotas quotas;

  public NamespacesView(MetadataStore metadata, Quotas quotas) {
    this.metadata = metadata;
    this.quotas = quotas;
  }

  @Override
  public String name() {
    return "namespaces";
  }

  @Override
  public Set<String> parameters() {
    return Set.of("after", "limit");
  }

  @Override
  public Record read(AdminRequest request) {
    int limit = request.number("limit", LIMIT, MOST);
    List<NamespaceBytes> found = metadata.pushedBytes(request.text("after").orElse(""), limit + 1);
    List<NamespaceBytes> page = found.subList(0, Math.min(limit, found.size()));
    return new Document(
        page.stream()
            .map(one -> new Entry(one.namespace(), one.bytes(), quotas.allowed(one.namespace())))
            .toList(),
        found.size() > limit ? page.getLast().namespace() : "");
  }

  /**
   * A page.
   *
   * @param next to be asked for with {@code after}; empty at the end
   */
  private record Document(List<Entry> namespaces, String next) {}

  /**
   * A namespace.
   *
   * @param pushedBytes blobs of its hosted repositories, each once
   * @param quotaBytes most that it may have; 0 for any number
   */
  private record Entry(String name, long pushedBytes, long quotaBytes) {}
}
