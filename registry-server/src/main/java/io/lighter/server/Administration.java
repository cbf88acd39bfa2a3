package io.lighter.server;

import io.lighter.server.admin.AdminOperation;
import io.lighter.server.admin.AdminView;
import io.lighter.server.admin.BackupOperation;
import io.lighter.server.admin.ConversionOperation;
import io.lighter.server.admin.DebugPage;
import io.lighter.server.admin.InvalidateOperation;
import io.lighter.server.admin.JobLog;
import io.lighter.server.admin.PrefetchListOperation;
import io.lighter.server.admin.PullOperation;
import io.lighter.server.admin.ReconvertOperation;
import io.lighter.server.admin.StartsetOperation;
import io.lighter.server.admin.StoredNames;
import io.lighter.server.admin.VerifyOperation;
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
import io.lighter.server.command.VerifyCommand;
import io.lighter.server.command.Version;
import io.lighter.server.config.MemoryBudget;
import io.lighter.server.content.ConversionPolicies;
import io.lighter.server.content.Repositories;
import io.lighter.server.content.TagViews;
import io.lighter.server.convert.ConversionQueue;
import io.lighter.server.convert.ConversionScheduler;
import io.lighter.server.heat.BlobReads;
import io.lighter.server.http.HotContent;
import io.lighter.server.http.RequestUnderWay;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.server.pinned.PinnedBytes;
import io.lighter.server.prefetch.Prefetch;
import io.lighter.server.reload.ReloadOperation;
import io.lighter.server.reload.Reloading;
import io.lighter.server.upstream.Namespaces;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.local.Backup;
import io.lighter.storage.local.BlobLayout;
import io.lighter.storage.local.FileBlobStore;
import io.lighter.storage.rocksdb.RocksStores;
import java.time.Clock;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * What an operator can do and look at, put together.
 *
 * @param namespaces upstreams as they are configured now
 * @param policies what is converted where, as it is configured now
 * @param uploads uploads that are not finished
 * @param downloads downloads under way
 * @param underWay requests that are being answered
 */
record Administration(
    Clock clock,
    Reloading reloading,
    RegistryMetrics metrics,
    MemoryBudget memory,
    BlobLayout layout,
    RocksStores stores,
    FileBlobStore blobs,
    Repositories repositories,
    Supplier<Namespaces> namespaces,
    Supplier<ConversionPolicies> policies,
    TagViews tagViews,
    ConversionQueue queue,
    ConversionScheduler scheduler,
    Conversions conversions,
    Prefetch prefetch,
    Housekeeping housekeeping,
    BlobReads reads,
    PinnedBytes pins,
    HotContent hot,
    Bounds bounds,
    JobLog jobs,
    IntSupplier uploads,
    IntSupplier downloads,
    Supplier<List<RequestUnderWay>> underWay) {

  /** What can be done. */
  List<AdminOperation> operations() {
    MetadataStore metadata = stores.metadata();
    var backup = new Backup(layout, blobs, stores.checkpoint(), clock);
    return List.of(
        housekeeping.garbage(),
        housekeeping.evictions(),
        new InvalidateOperation(
            repositories,
            metadata,
            stores.eviction(),
            housekeeping.evictor(),
            housekeeping.evictions(),
            hot::forgetManifests),
        new PullOperation(prefetch),
        new ConversionOperation(repositories, metadata, stores.conversions()),
        new ReconvertOperation(names(), queue, stores.conversions(), policies),
        new PrefetchListOperation(repositories, stores.prefetchLists(), scheduler),
        new StartsetOperation(repositories, metadata, tagViews, conversions.startupSets()),
        new VerifyOperation(housekeeping.verification(), VerifyCommand::bytesPerSecond),
        new BackupOperation(backup::write),
        new ReloadOperation(reloading));
  }

  /** What can be looked at. */
  List<AdminView> views() {
    MetadataStore metadata = stores.metadata();
    ConversionStore store = stores.conversions();
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
        new TagsView(names(), queue, store),
        new ImageView(names(), queue, store, pairs),
        new LayerView(contents, reads),
        new LayerFilesView(contents, reads),
        new ConversionsView(queue, store, conversions.history()),
        new UpstreamsView(namespaces, metrics),
        new StorageView(
            stores.eviction(), housekeeping.evictor(), housekeeping.space(), uploads, downloads),
        new NamespacesView(metadata, bounds.quotas()),
        new EvictionOrderView(housekeeping.evictor(), clock),
        new PinsView(pins),
        new JobsView(jobs, housekeeping.verification()::last));
  }

  /** What can be looked into. */
  List<DebugPage> debugPages() {
    return new DebugPages(
            reloading::running,
            memory,
            stores.statistics(),
            pins,
            bounds.traffic().load(),
            underWay,
            layout.root().resolve("debug"))
        .all();
  }

  private StoredNames names() {
    return new StoredNames(repositories, stores.metadata());
  }
}
