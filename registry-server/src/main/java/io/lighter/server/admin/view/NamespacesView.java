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
    return Page.PARAMETERS;
  }

  @Override
  public Record read(AdminRequest request) {
    Page<NamespaceBytes> page = Page.of(request, metadata::pushedBytes, NamespaceBytes::namespace);
    return new Document(
        page.entries().stream()
            .map(one -> new Entry(one.namespace(), one.bytes(), quotas.allowed(one.namespace())))
            .toList(),
        page.next());
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
