package io.lighter.server.http;

import io.lighter.server.access.AccessControl;
import io.lighter.server.content.Quotas;
import io.lighter.server.content.Repositories;
import io.lighter.server.content.TagViews;
import io.lighter.server.content.UploadSessions;
import io.lighter.server.convert.ConversionScheduler;
import io.lighter.server.heat.BlobReads;
import io.lighter.server.live.Live;
import io.lighter.server.observe.RecentLatency;
import io.lighter.server.pinned.PinnedBytes;
import io.lighter.server.trace.Tracer;
import io.lighter.storage.Leases;
import io.lighter.storage.MetadataStore;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The registry's API, put together from the services behind it and shared by all listeners.
 * Thread-safe.
 */
public final class RegistryApi implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryApi.class);
  private static final Duration STOP_WAIT = Duration.ofSeconds(5);

  private final Dispatcher dispatcher;
  private final HotContent hot;
  private final Live<RequestSettings> settings;
  private final AccessControl access;
  private final PinnedBytes pins;
  private final ReadCounts reads;
  private final Responder responder;
  private final RequestLog log;
  private final RecentLatency latency;
  private final Traffic traffic;
  private final Tracer tracer;
  private final BodyBudget budget = new BodyBudget(Runtime.getRuntime().maxMemory() / 8);
  private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
  private final RequestsUnderWay underWay = new RequestsUnderWay();

  /**
   * Puts the API together.
   *
   * @param hot is told of what was removed, and of what a tag means now
   * @param pins what is in memory of blobs
   * @param reads counts what is read of blobs
   * @param settings what requests are answered by; the other services look it up there
   * @param access who may do what
   * @param traffic which requests are let in
   * @param quotas what may be pushed
   * @param maxBlobBytes most bytes that a blob that is pushed may have
   * @param tracer begins the trace of a request
   */
  public RegistryApi(
      Repositories repositories,
      MetadataStore metadata,
      Leases leases,
      HotContent hot,
      PinnedBytes pins,
      BlobReads reads,
      TagViews views,
      UploadSessions uploads,
      ConversionScheduler conversions,
      Live<RequestSettings> settings,
      AccessControl access,
      RequestLog log,
      RecentLatency latency,
      Clock clock,
      Traffic traffic,
      Quotas quotas,
      long maxBlobBytes,
      Tracer tracer) {
    this.hot = hot;
    this.settings = settings;
    this.access = access;
    var gate = new AccessGate(access, repositories);
    this.pins = pins;
    this.reads = new ReadCounts(reads);
    this.dispatcher =
        new Dispatcher(
            new BlobHandler(repositories, metadata, leases, hot, this.reads, gate),
            new UploadHandler(
                repositories,
                metadata,
                uploads,
                leases,
                hot,
                new BlobReceiver(maxBlobBytes, traffic),
                quotas,
                gate),
            new ManifestHandler(
                repositories,
                metadata,
                views,
                conversions,
                settings.part(RequestSettings::sparse),
                quotas,
                leases,
                hot,
                clock),
            new ListingHandler(repositories, metadata, gate),
            new ReferrersHandler(repositories, metadata),
            new TokenHandler(access, gate),
            gate);
    this.traffic = traffic;
    this.responder = new Responder(requests, budget);
    this.log = log;
    this.latency = latency;
    this.tracer = tracer;
  }

  Dispatcher dispatcher() {
    return dispatcher;
  }

  HotContent hot() {
    return hot;
  }

  Live<RequestSettings> settings() {
    return settings;
  }

  AccessControl access() {
    return access;
  }

  PinnedBytes pins() {
    return pins;
  }

  ReadCounts reads() {
    return reads;
  }

  Responder responder() {
    return responder;
  }

  RequestLog log() {
    return log;
  }

  RecentLatency latency() {
    return latency;
  }

  Tracer tracer() {
    return tracer;
  }

  Traffic traffic() {
    return traffic;
  }

  ExecutorService requests() {
    return requests;
  }

  BodyBudget budget() {
    return budget;
  }

  RequestsUnderWay underWay() {
    return underWay;
  }

  /** Whether only what is open already is answered, because the server stops. */
  boolean draining() {
    return underWay.draining();
  }

  /**
   * Refuses new requests, except for what is open already, and waits until those under way are
   * answered, or for {@code patience}. A lazy client that is refused with 503 comes back for some
   * 15 s; one that cannot connect gives up after 3 s. So the listeners are closed after this.
   */
  public void drain(Duration patience) {
    try {
      underWay.drain(patience);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends what is still being handled; its connections are closed by now. */
  @Override
  public void close() {
    requests.shutdownNow();
    try {
      if (!requests.awaitTermination(STOP_WAIT.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn(
            "requests are still under way {} s after they were told to stop",
            STOP_WAIT.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
