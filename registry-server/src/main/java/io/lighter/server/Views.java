package io.lighter.server;

import io.lighter.server.admin.AdminView;
import io.lighter.server.admin.JobLog;
import io.lighter.server.admin.StoredNames;
import io.lighter.server.admin.view.ConversionsView;
import io.lighter.server.admin.view.EvictionOrderView;
import io.lighter.server.admin.view.ImageView;
import io.lighter.server.admin.view.JobsView;
import io.lighter.server.admin.view.LayerContents;
import io.lighter.server.admin.view.LayerFilesView;
import io.lighter.server.admin.view.LayerPairs;
import io.lighter.server.admin.view.LayerView;
import io.lighter.server.admin.view.NamespacesView;
import io.lighter.server.admin.view.OverviewView;
import io.lighter.server.admin.view.PinsView;
import io.lighter.server.admin.view.RepositoriesView;
import io.lighter.server.admin.view.StorageView;
import io.lighter.server.admin.view.TagsView;
import io.lighter.server.admin.view.UpstreamsView;
import io.lighter.server.command.Version;
import io.lighter.server.content.Quotas;
import io.lighter.server.convert.ConversionQueue;
import io.lighter.server.heat.BlobReads;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.server.pinned.PinnedBytes;
import io.lighter.server.reload.Reloading;
import io.lighter.server.upstream.Namespaces;
import io.lighter.server.verify.Verification;
import io.lighter.storage.BlobStore;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.gc.CacheSpace;
import io.lighter.storage.gc.EvictionIndex;
import io.lighter.storage.gc.Evictor;
import java.time.Clock;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * What an operator can look at, put together.
 *
 * @param uploads uploads that are not finished
 * @param downloads downloads under way
 */
record Views(
    Reloading reloading,
    Clock clock,
    RegistryMetrics metrics,
    StoredNames names,
    Supplier<Namespaces> namespaces,
    BlobStore blobs,
    ConversionStore store,
    BlobReads reads,
    PinnedBytes pins,
    ConversionQueue queue,
    Conversions conversions,
    EvictionIndex eviction,
    Evictor evictor,
    CacheSpace space,
    Verification verification,
    JobLog jobs,
    IntSupplier uploads,
    IntSupplier downloads,
    Quotas quotas) {

  /** All of them. */
  List<AdminView> all() {
    MetadataStore metadata = names.metadata();
    var contents = new LayerContents(blobs);
    var pairs = new LayerPairs(blobs, store, reads, conversions.recipe());
    return List.of(
        new OverviewView(
            clock,
            Version.text(),
            metrics,
            reads,
            pins,
            queue,
            namespaces,
            metadata,
            store,
            reloading),
        new RepositoriesView(metadata),
        new TagsView(names, queue, store),
        new ImageView(names, queue, store, pairs),
        new LayerView(contents, reads),
        new LayerFilesView(contents, reads),
        new ConversionsView(queue, store, conversions.history()),
        new UpstreamsView(namespaces, metrics),
        new StorageView(eviction, evictor, space, uploads, downloads),
        new NamespacesView(metadata, quotas),
        new EvictionOrderView(evictor, clock),
        new PinsView(pins),
        new JobsView(jobs, verification::last));
  }
}
