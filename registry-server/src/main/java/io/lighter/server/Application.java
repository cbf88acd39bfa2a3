package io.lighter.server;

import io.lighter.conversion.GzipEncoders;
import io.lighter.server.access.AccessControl;
import io.lighter.server.admin.AdminOperation;
import io.lighter.server.admin.AdminRoutes;
import io.lighter.server.admin.BackupOperation;
import io.lighter.server.admin.ConversionOperation;
import io.lighter.server.admin.EvictOperation;
import io.lighter.server.admin.GcOperation;
import io.lighter.server.admin.InvalidateOperation;
import io.lighter.server.admin.PrefetchListOperation;
import io.lighter.server.admin.PullOperation;
import io.lighter.server.admin.StartsetOperation;
import io.lighter.server.admin.VerifyOperation;
import io.lighter.server.command.StartException;
import io.lighter.server.command.VerifyCommand;
import io.lighter.server.config.MemoryBudget;
import io.lighter.server.config.PullConfig;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.content.ConversionPolicies;
import io.lighter.server.content.Repositories;
import io.lighter.server.content.RepositoryPatterns;
import io.lighter.server.content.TagViews;
import io.lighter.server.content.UploadSessions;
import io.lighter.server.convert.ConversionQueue;
import io.lighter.server.convert.ConversionScheduler;
import io.lighter.server.convert.PrefetchLists;
import io.lighter.server.http.HotContent;
import io.lighter.server.http.RegistryApi;
import io.lighter.server.observe.AccessLog;
import io.lighter.server.observe.RecentLatency;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.server.pinned.PinnedBytes;
import io.lighter.server.prefetch.Prefetch;
import io.lighter.server.prefetch.PrefetchSchedule;
import io.lighter.server.pullthrough.FetchTable;
import io.lighter.server.pullthrough.PullThrough;
import io.lighter.server.tls.TlsException;
import io.lighter.server.upstream.InvalidSettingException;
import io.lighter.server.upstream.Namespaces;
import io.lighter.server.upstream.OpenWorld;
import io.lighter.server.upstream.UpstreamObserver;
import io.lighter.server.upstream.UpstreamRegistry;
import io.lighter.server.verify.Verification;
import io.lighter.server.verify.VerificationSchedule;
import io.lighter.server.watch.FileSnapshot;
import io.lighter.server.watch.FileWatch;
import io.lighter.storage.LazyViewPut;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.StorageException;
import io.lighter.storage.VerificationPass;
import io.lighter.storage.gc.CacheSpace;
import io.lighter.storage.gc.Evictor;
import io.lighter.storage.gc.GarbageCollector;
import io.lighter.storage.gc.GarbageIndex;
import io.lighter.storage.local.Backup;
import io.lighter.storage.local.FileBlobStore;
import io.lighter.storage.local.HotListFile;
import io.lighter.storage.local.LocalCacheSpace;
import io.lighter.storage.local.LocalGarbageFiles;
import io.lighter.storage.local.StoreDirectory;
import io.lighter.storage.rocksdb.RocksStores;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole server: the only place where services are created, in the order in which they need each
 * other, and closed in the opposite one.
 */
public final class Application implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Application.class);
  private static final Duration UPLOAD_IDLE = Duration.ofMinutes(5);
  private static final Duration FILE_INTERVAL = Duration.ofSeconds(1);

  private final Clock clock = Clock.systemUTC();
  private final RegistryMetrics metrics = new RegistryMetrics();
  private final AccessLog accessLog = new AccessLog();
  private final ServerConfig config;
  private final FileWatch files;
  private final Listeners listeners;

  /** What has been opened, the last one first. */
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  private Application(ServerConfig config) {
    this.config = config;
    this.files = new FileWatch(FILE_INTERVAL);
    this.listeners = new Listeners(config, metrics, files, clock);
  }

  /**
   * Starts a server. It answers requests when this returns.
   *
   * @throws StartException if it cannot start for a reason that the operator can mend
   */
  public static Application start(ServerConfig config) {
    var application = new Application(config);
    try {
      application.open();
      return application;
    } catch (StorageException | InvalidSettingException | TlsException e) {
      application.closeAll();
      throw new StartException(String.valueOf(e.getMessage()), e);
    } catch (RuntimeException e) {
      application.closeAll();
      throw e;
    }
  }

  private void open() {
    closeLater(metrics);
    closeLater(files);
    var detected = CompletableFuture.supplyAsync(GzipEncoders::detect);
    var memory =
        MemoryBudget.of(
            config.memory(),
            Runtime.getRuntime().maxMemory(),
            config.storage().metadataMemory().bytes());
    var directory = closeLater(new StoreDirectory(config.storage().directory()));
    var stores =
        closeLater(
            new RocksStores(
                directory.layout().metadata(),
                config.storage().metadataMemory().bytes(),
                clock,
                config.gc().keep().granularity()));
    var blobs =
        closeLater(
            new FileBlobStore(
                directory.layout(), stores.blobIndex(), config.storage().openBlobs()));
    MetadataStore metadata = stores.metadata();

    UpstreamObserver observer = new UpstreamMeters(metrics, config.upstreamNames());
    List<UpstreamRegistry> upstreams =
        config.upstreamSettings().stream()
            .map(settings -> closeLater(new UpstreamRegistry(settings, clock, observer)))
            .toList();
    var fetches = closeLater(new FetchTable(blobs, observer));
    var namespaces =
        new Namespaces(
            upstreams,
            config.defaultUpstream().isEmpty() ? null : config.defaultUpstream(),
            openWorld(observer),
            metadata);
    var repositories =
        new Repositories(
            namespaces,
            new PullThrough(blobs, metadata, fetches, clock, observer),
            metadata,
            blobs);

    ConversionPolicies policies = config.conversion().policies();
    var views = new TagViews(stores.conversions(), policies);
    var queue = new ConversionQueue(stores.conversions(), clock);
    GzipEncoders encoders = detected.join();
    var latency = new RecentLatency(System::nanoTime);
    var hot = new HotContent(blobs, stores.leases());
    var pins =
        closeLater(
            new PinnedBytes(config.memory().pinned(), blobs, new HotListFile(directory.layout())));
    Runnable removed =
        () -> {
          hot.forgetAll();
          pins.blobsRemoved();
        };
    for (PinnedBytes.Kind kind : PinnedBytes.Kind.values()) {
      metrics.pinned(
          kind.name().toLowerCase(Locale.ROOT),
          () -> pins.bytes(kind),
          () -> pins.hits(kind),
          () -> pins.misses(kind));
    }
    var conversions =
        closeLater(
            new Conversions(
                config.conversion(),
                repositories,
                metadata,
                blobs,
                stores.conversions(),
                new PrefetchLists(stores.prefetchLists(), metadata),
                queue,
                encoders,
                latency,
                metrics,
                clock,
                view -> published(view, hot, pins)));
    conversions.start();

    var uploads =
        closeLater(
            new UploadSessions(blobs, stores.uploads(), clock, config.storage().maxUploads()));
    metrics.gauge("lighter.uploads", "Uploads that are not finished", uploads::count);
    keepUp(uploads, stores.garbage(), blobs);
    var scheduler = new ConversionScheduler(metadata, queue, views, policies);
    AccessControl access = access();
    var api =
        closeLater(
            new RegistryApi(
                repositories,
                metadata,
                stores.leases(),
                hot,
                pins,
                views,
                uploads,
                scheduler,
                new RepositoryPatterns(config.hosted().sparse()),
                access,
                request -> {
                  metrics.answered(request);
                  accessLog.log(request);
                },
                latency,
                clock,
                config.http().maxRequests(),
                config.http().maxBlobBytes()));
    metrics.gauge("lighter.conversion.backlog", "Images that wait for conversion", queue::backlog);
    metrics.gauge("lighter.upstream.fetches", "Downloads under way", fetches::size);
    metrics.info(
        "lighter.encoder", "What converted layers are compressed by", "name", encoders.name());

    var garbage = new LocalGarbageFiles(directory.layout(), blobs);
    var verification = verification(stores, blobs, queue, removed);
    var backup = new Backup(directory.layout(), blobs, stores.checkpoint(), clock);
    var evictor = evictor(stores, garbage, new LocalCacheSpace(directory.layout(), blobs), removed);
    var evictions = new EvictOperation(evictor, metrics);
    closeLater(new EvictionSchedule(evictions));
    var prefetch = new Prefetch(repositories, blobs, stores.leases(), scheduler);
    List<AdminOperation> operations =
        List.of(
            collectGarbage(stores, garbage, removed),
            evictions,
            new InvalidateOperation(repositories, metadata, stores.eviction(), evictor, evictions),
            new PullOperation(prefetch),
            new ConversionOperation(repositories, metadata, stores.conversions()),
            new PrefetchListOperation(repositories, stores.prefetchLists(), scheduler),
            new StartsetOperation(repositories, metadata, views, conversions.startupSets()),
            new VerifyOperation(verification, VerifyCommand::bytesPerSecond),
            new BackupOperation(backup::write));
    var admin = closeLater(new AdminRoutes(operations));
    closeLater(verification);
    closeLater(
        new PrefetchSchedule(prefetch, config.pull().stream().map(PullConfig::entry).toList()));
    closeLater(listeners);
    listeners.open(api, admin);
    pins.start();
    new StartReport(config, memory, listeners, encoders, directory.layout().root()).log(LOG);
  }

  /** Access control, and who looks after the file of users. */
  private AccessControl access() {
    Optional<FileSnapshot> users = config.access().users().map(file -> readUsers(List.of(file)));
    try {
      var access =
          new AccessControl(
              config.accessSettings(),
              users.map(content -> content.bytes(content.files().getFirst())),
              clock);
      users.ifPresent(content ->
          files.watch(
              content,
              changed -> {
                access.replaceAccounts(changed.bytes(changed.files().getFirst()));
                LOG.info("access.htpasswd: users were replaced");
              }));
      return access;
    } catch (IllegalArgumentException e) {
      throw new StartException("access.htpasswd: " + e.getMessage(), e);
    }
  }

  private static FileSnapshot readUsers(List<Path> file) {
    try {
      return FileSnapshot.of(file);
    } catch (UncheckedIOException e) {
      throw new StartException("access.htpasswd: " + e.getMessage(), e);
    }
  }

  private Optional<OpenWorld> openWorld(UpstreamObserver observer) {
    return config.openWorld()
        ? Optional.of(
            closeLater(new OpenWorld(settings -> new UpstreamRegistry(settings, clock, observer))))
        : Optional.empty();
  }

  private Verification verification(
      RocksStores stores, FileBlobStore blobs, ConversionQueue queue, Runnable removed) {
    var verification =
        new Verification(
            stores.verification(), blobs, stores.metadata(), queue::offer, removed, clock);
    metrics.gauge(
        "lighter.verify.damaged",
        "What the last verification found damaged",
        () -> verification.last().map(VerificationPass::damage).orElse(0L));
    if (!config.verify().interval().isZero()) {
      closeLater(
              new VerificationSchedule(
                  verification, config.verify().interval(), config.verify().rate().bytes(), clock))
          .start();
    }
    return verification;
  }

  private GcOperation collectGarbage(
      RocksStores stores, LocalGarbageFiles files, Runnable removed) {
    var collector =
        new GarbageCollector(
            stores.garbage(),
            files,
            stores.blobIndex(),
            stores.uploads(),
            config.gc().keep(),
            config.gc().removalsPerSecond(),
            clock,
            removed);
    var operation = new GcOperation(collector, metrics);
    closeLater(new GarbageSchedule(operation, config.gc().interval()));
    return operation;
  }

  private Evictor evictor(
      RocksStores stores, LocalGarbageFiles files, CacheSpace space, Runnable removed) {
    return new Evictor(
        stores.eviction(),
        stores.garbage(),
        files,
        space,
        config.cacheLimits(),
        config.gc().keep(),
        config.gc().removalsPerSecond(),
        clock,
        removed);
  }

  private void keepUp(UploadSessions uploads, GarbageIndex garbage, FileBlobStore blobs) {
    Duration expiry = config.storage().uploadExpiry();
    Duration partials = config.storage().partialExpiry();
    closeLater(
        new Upkeep(
            List.of(
                new Upkeep.Task("close idle uploads", () -> uploads.closeIdle(UPLOAD_IDLE)),
                new Upkeep.Task("remove old uploads", () -> uploads.expire(expiry)),
                new Upkeep.Task("write leases", garbage::writeLeases),
                new Upkeep.Task(
                    "remove old downloads",
                    () -> blobs.removePartials(clock.instant().minus(partials))))));
  }

  /** A tag has got a lazy view: it is answered from now on, and nodes are about to read it. */
  private static void published(LazyViewPut view, HotContent hot, PinnedBytes pins) {
    hot.forgetAll();
    view.manifests().stream()
        .flatMap(put -> put.view().requiredBlobs().stream())
        .forEach(blob -> pins.look(blob.digest()));
  }

  /** Port of the registry API. */
  public int port() {
    return listeners.registryPort();
  }

  /** Port of health and metrics. */
  public int managementPort() {
    return listeners.managementPort();
  }

  private <T extends AutoCloseable> T closeLater(T service) {
    opened.push(service);
    return service;
  }

  /** Drains the listeners, then closes everything. What was acknowledged is durable already. */
  @Override
  public void close() {
    LOG.info("stopping: requests under way get {} s", config.http().drain().toSeconds());
    closeAll();
    LOG.info("stopped");
  }

  private void closeAll() {
    for (AutoCloseable service : opened) {
      try {
        service.close();
      } catch (Exception e) {
        LOG.error("not closed in order: {}", service, e);
      }
    }
    opened.clear();
  }
}
