package io.lighter.server;

import io.lighter.conversion.gzip.GzipEncoders;
import io.lighter.server.access.AccessControl;
import io.lighter.server.admin.AdminOperation;
import io.lighter.server.admin.AdminRoutes;
import io.lighter.server.admin.DebugRoutes;
import io.lighter.server.admin.JobLog;
import io.lighter.server.admin.ViewRoutes;
import io.lighter.server.command.StartException;
import io.lighter.server.command.Version;
import io.lighter.server.config.ConfigException;
import io.lighter.server.config.MemoryBudget;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.config.TracingConfig;
import io.lighter.server.content.ConversionPolicies;
import io.lighter.server.content.Repositories;
import io.lighter.server.content.TagViews;
import io.lighter.server.content.UploadSessions;
import io.lighter.server.convert.ConversionQueue;
import io.lighter.server.convert.ConversionScheduler;
import io.lighter.server.convert.PrefetchLists;
import io.lighter.server.heat.BlobReads;
import io.lighter.server.http.HotContent;
import io.lighter.server.http.RegistryApi;
import io.lighter.server.http.RequestSettings;
import io.lighter.server.live.Live;
import io.lighter.server.management.ManagementGate;
import io.lighter.server.observe.AccessLog;
import io.lighter.server.observe.RecentLatency;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.server.observe.SlowRequests;
import io.lighter.server.pinned.PinnedBytes;
import io.lighter.server.prefetch.Prefetch;
import io.lighter.server.prefetch.PrefetchSchedule;
import io.lighter.server.pullthrough.FetchTable;
import io.lighter.server.pullthrough.PullThrough;
import io.lighter.server.reload.Reloading;
import io.lighter.server.tls.TlsException;
import io.lighter.server.trace.Tracer;
import io.lighter.server.trace.otlp.OtlpTracer;
import io.lighter.server.upstream.InvalidSettingException;
import io.lighter.server.upstream.Namespaces;
import io.lighter.server.upstream.UpstreamObserver;
import io.lighter.server.watch.FileSnapshot;
import io.lighter.server.watch.FileWatch;
import io.lighter.storage.LazyViewPut;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.StorageException;
import io.lighter.storage.local.DiskFloor;
import io.lighter.storage.local.FileBlobStore;
import io.lighter.storage.local.HotListFile;
import io.lighter.storage.local.LocalDisk;
import io.lighter.storage.local.StoreDirectory;
import io.lighter.storage.rocksdb.RocksStores;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole server: the place where services are created, in the order in which they need each
 * other, and closed in the opposite one.
 */
public final class Application implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Application.class);
  private static final Duration FILE_INTERVAL = Duration.ofSeconds(1);

  private final Clock clock = Clock.systemUTC();
  private final RegistryMetrics metrics = new RegistryMetrics();
  private final AccessLog accessLog = new AccessLog();
  private final ServerConfig config;
  private final FileWatch files;
  private final Listeners listeners;

  private final Supplier<ServerConfig> load;
  private @Nullable Reloading reloading;

  /** What has been opened, the last one first. */
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  private Application(ServerConfig config, Supplier<ServerConfig> load) {
    this.config = config;
    this.load = load;
    this.files = new FileWatch(FILE_INTERVAL);
    this.listeners = new Listeners(config, metrics, files, clock);
  }

  /**
   * Starts a server. It answers requests when this returns.
   *
   * @throws StartException if it cannot start for a reason that the operator can mend
   */
  public static Application start(ServerConfig config) {
    return start(config, () -> config);
  }

  /**
   * Starts a server. It answers requests when this returns.
   *
   * @param load makes the configuration again, when somebody asks for that
   * @throws StartException if it cannot start for a reason that the operator can mend
   */
  public static Application start(ServerConfig config, Supplier<ServerConfig> load) {
    var application = new Application(config, load);
    try {
      application.open();
      return application;
    } catch (StorageException.Corrupt e) {
      application.closeAll();
      throw StartException.damaged(config.storage().directory(), e);
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
    Tracer tracer = closeLater(tracer(config.tracing()));
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
    StoreMeters.watch(stores.statistics(), metrics);
    var disk = new LocalDisk(directory.layout().root());
    var floor = floor(disk);
    var blobs =
        closeLater(
            new FileBlobStore(
                directory.layout(), stores.blobIndex(), config.storage().openBlobs(), floor));
    MetadataStore metadata = stores.metadata();

    var requests = closeLater(new RequestSetUp(config, metadata, metrics, clock));
    Live<RequestSettings> live = requests.live();
    UpstreamObserver observer = requests.observer();
    var limits = Bounds.of(config, metadata, metrics);
    var fetches = closeLater(new FetchTable(blobs, observer, limits.fills()));
    var hot = new HotContent(blobs, stores.leases(), () -> live.get().number());
    Supplier<Namespaces> namespaces = live.part(RequestSettings::namespaces);
    var repositories =
        new Repositories(
            namespaces,
            new PullThrough(blobs, metadata, fetches, clock, observer, hot::forgetManifests),
            metadata,
            blobs);

    Supplier<ConversionPolicies> policies = live.part(RequestSettings::conversion);
    var views = new TagViews(stores.conversions(), policies);
    var queue = new ConversionQueue(stores.conversions(), clock);
    var scheduler = new ConversionScheduler(metadata, queue, views, policies);
    GzipEncoders encoders = detected.join();
    var latency = new RecentLatency(System::nanoTime);
    var reads = new BlobReads(clock);
    for (BlobReads.Origin origin : BlobReads.Origin.values()) {
      metrics.sentBytes(origin.name().toLowerCase(Locale.ROOT), () -> reads.bytes(origin));
    }
    var pins =
        closeLater(
            new PinnedBytes(config.memory().pinned(), blobs, new HotListFile(directory.layout())));
    Runnable removed =
        () -> {
          hot.forgetAll();
          pins.blobsRemoved();
          scheduler.contentRemoved();
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
                policies,
                repositories,
                metadata,
                blobs,
                stores.conversions(),
                new PrefetchLists(stores.prefetchLists(), metadata),
                queue,
                encoders,
                latency,
                metrics,
                tracer,
                clock,
                view -> published(view, hot, pins)));
    conversions.start();

    var uploads =
        closeLater(
            new UploadSessions(blobs, stores.uploads(), clock, config.storage().maxUploads()));
    metrics.gauge("lighter.uploads", "Uploads that are not finished", uploads::count);
    AccessControl access =
        AccessSetUp.open(config, live.part(RequestSettings::access), files, clock);
    var slow = new SlowRequests(config.logging().slowRequests());
    var api =
        closeLater(
            new RegistryApi(
                repositories,
                metadata,
                stores.leases(),
                hot,
                pins,
                reads,
                views,
                uploads,
                scheduler,
                live,
                access,
                request -> {
                  metrics.answered(request);
                  accessLog.log(request);
                  slow.log(request);
                },
                latency,
                clock,
                limits.traffic(),
                limits.quotas(),
                config.http().maxBlobBytes(),
                tracer));
    metrics.gauge("lighter.conversion.backlog", "Images that wait for conversion", queue::backlog);
    metrics.gauge("lighter.upstream.fetches", "Downloads under way", fetches::size);
    metrics.info(
        "lighter.encoder", "What converted layers are compressed by", "name", encoders.name());

    var housekeeping =
        closeLater(
            new Housekeeping(
                config,
                directory.layout(),
                stores,
                blobs,
                disk,
                uploads,
                queue,
                removed,
                metrics,
                clock));
    floor.makeRoomBy(housekeeping::makeRoom);
    var prefetch = new Prefetch(repositories, blobs, stores.leases(), scheduler);
    var ahead = closeLater(new PrefetchSchedule(prefetch));
    var following =
        new Reloading(
            config,
            load,
            changed -> {
              // It may refuse, so it comes first.
              requests.replace(changed);
              limits.replace(changed);
              housekeeping.replace(changed);
              ahead.replace(changed.pulledAhead());
            },
            metrics,
            clock);
    reloading = following;
    var jobs = new JobLog(clock);
    var administration =
        new Administration(
            clock,
            following,
            metrics,
            memory,
            directory.layout(),
            stores,
            blobs,
            repositories,
            namespaces,
            policies,
            views,
            queue,
            scheduler,
            conversions,
            prefetch,
            housekeeping,
            reads,
            pins,
            hot,
            limits,
            jobs,
            uploads::count,
            fetches::size,
            listeners::underWay);
    List<AdminOperation> operations = administration.operations();
    var admin = closeLater(new AdminRoutes(operations, jobs));
    var looks = closeLater(new ViewRoutes(administration.views(), operations));
    Optional<DebugRoutes> debug =
        config.management().debug()
            ? Optional.of(closeLater(new DebugRoutes(administration.debugPages())))
            : Optional.empty();
    // The admin API waits for a pass that somebody asked for.
    closeLater(housekeeping.verification());
    ahead.replace(config.pulledAhead());
    closeLater(listeners);
    listeners.open(api, admin, looks, debug, managementGate(access));
    pins.start();
    new StartReport(config, memory, listeners, encoders, directory.layout().root()).log(LOG);
  }

  private Optional<ManagementGate> managementGate(AccessControl access) {
    return config.management().access() == ServerConfig.ManagementAccess.ADMINS
        ? Optional.of(new ManagementGate(access))
        : Optional.empty();
  }

  /** The library is loaded by nobody else. */
  private static Tracer tracer(TracingConfig tracing) {
    Optional<URI> receiver = tracing.receiver();
    return receiver.isPresent()
        ? OtlpTracer.open(receiver.get(), tracing.sample(), Version.text())
        : Tracer.passingOn();
  }

  private DiskFloor floor(LocalDisk disk) {
    var keep = config.storage().minFree();
    var floor = new DiskFloor(disk, keep.bytes(), keep.percent(), System::nanoTime);
    metrics.gauge(
        "lighter.storage.room.bytes",
        "Bytes that blobs may still take before storage.minFree",
        floor::room);
    metrics.count(
        "lighter.storage.refused",
        "Uploads and downloads that storage.minFree left no room for",
        floor::refusals);
    return floor;
  }

  /** A tag has got a lazy view: it is answered from now on, and nodes are about to read it. */
  private static void published(LazyViewPut view, HotContent hot, PinnedBytes pins) {
    hot.forgetAll();
    view.manifests().stream()
        .flatMap(put -> put.view().requiredBlobs().stream())
        .forEach(blob -> pins.look(blob.digest()));
  }

  /**
   * Has the configuration read again whenever this file changes, also when the links on the way to
   * it do.
   */
  public void follow(Path file) {
    Reloading following = Objects.requireNonNull(reloading);
    files.watch(
        FileSnapshot.of(List.of(file)),
        _ -> {
          try {
            var _ = following.run();
          } catch (ConfigException _) {
            // The log and the metrics say so already.
          }
        });
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
