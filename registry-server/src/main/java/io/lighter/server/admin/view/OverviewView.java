package io.lighter.server.admin.view;

import io.lighter.server.admin.AdminRequest;
import io.lighter.server.admin.AdminView;
import io.lighter.server.convert.ConversionQueue;
import io.lighter.server.heat.BlobReads;
import io.lighter.server.heat.BlobReads.Origin;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.server.pinned.PinnedBytes;
import io.lighter.server.reload.Reloading;
import io.lighter.server.upstream.Namespaces;
import io.lighter.server.upstream.UpstreamRegistry;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.MetadataStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * {@code GET /admin/overview}: figures of the whole server, each of which is counted and none
 * estimated. Counters begin at its start.
 */
public final class OverviewView implements AdminView {
  private static final Duration CENSUS_AGE = Duration.ofSeconds(15);

  private final Clock clock;
  private final Instant startedAt;
  private final String version;
  private final RegistryMetrics metrics;
  private final BlobReads reads;
  private final PinnedBytes pins;
  private final ConversionQueue queue;
  private final Supplier<Namespaces> namespaces;
  private final Recent<Census> census;
  private final Reloading reloading;

  /** The server starts now. */
  public OverviewView(
      Clock clock,
      String version,
      RegistryMetrics metrics,
      BlobReads reads,
      PinnedBytes pins,
      ConversionQueue queue,
      Supplier<Namespaces> namespaces,
      MetadataStore metadata,
      ConversionStore conversions,
      Reloading reloading) {
    this.clock = clock;
    this.startedAt = clock.instant();
    this.version = version;
    this.metrics = metrics;
    this.reads = reads;
    this.pins = pins;
    this.queue = queue;
    this.namespaces = namespaces;
    this.reloading = reloading;
    this.census = new Recent<>(clock, CENSUS_AGE, () -> Census.take(metadata, conversions));
  }

  @Override
  public String name() {
    return "overview";
  }

  @Override
  public Record read(AdminRequest request) {
    Instant now = clock.instant();
    Census counted = census.get().value();
    List<UpstreamRegistry> upstreams = namespaces.get().upstreams();
    return new Document(
        version,
        startedAt,
        now,
        Math.round(metrics.total("lighter.requests")),
        blobs(),
        new Images(counted.repositories(), counted.tags(), counted.lazy(), counted.complete()),
        new Pins(pins.limit(), sum(pins::bytes), sum(pins::hits), sum(pins::misses)),
        new Conversions(queue.running(), queue.backlog()),
        new Upstreams(
            upstreams.size(),
            upstreams.stream().filter(upstream -> upstream.health().rest().isPresent()).count()),
        Configuration.of(reloading.state()));
  }

  private Blobs blobs() {
    long fetched = Math.round(metrics.total("lighter.upstream.bytes"));
    long mirrored = reads.mirroredBytes();
    return new Blobs(
        reads.bytes(Origin.MEMORY),
        reads.bytes(Origin.DISK),
        reads.bytes(Origin.UPSTREAM),
        mirrored,
        fetched,
        Math.max(0, mirrored - fetched));
  }

  private static long sum(ToLongFunction<PinnedBytes.Kind> count) {
    return Stream.of(PinnedBytes.Kind.values()).mapToLong(count).sum();
  }

  private record Document(
      String version,
      Instant startedAt,
      Instant now,
      long requests,
      Blobs blobs,
      Images images,
      Pins pins,
      Conversions conversions,
      Upstreams upstreams,
      Configuration configuration) {}

  /**
   * Bytes of blobs since the start.
   *
   * @param memoryBytes sent out of memory of this process
   * @param diskBytes sent out of files of the store
   * @param upstreamBytes sent while they arrived from an upstream
   * @param mirroredBytes sent of mirrored repositories, out of any of the three
   * @param fetchedBytes that crossed the links to upstreams, whoever they were for
   * @param sparedBytes sent of mirrored repositories beyond what was fetched
   */
  private record Blobs(
      long memoryBytes,
      long diskBytes,
      long upstreamBytes,
      long mirroredBytes,
      long fetchedBytes,
      long sparedBytes) {}

  private record Images(long repositories, long tags, long lazy, boolean complete) {}

  private record Pins(long limitBytes, long bytes, long hits, long misses) {}

  private record Conversions(long running, long waiting) {}

  private record Upstreams(long all, long resting) {}

  /**
   * What is in force of the configuration.
   *
   * @param readAt when it was last read without a mistake
   * @param problem what was wrong with it since; null if nothing was
   * @param restart keys that have changed and wait for a restart
   */
  private record Configuration(Instant readAt, Optional<String> problem, List<String> restart) {
    static Configuration of(Reloading.State state) {
      return new Configuration(state.readAt(), state.problem(), state.restart());
    }
  }
}
