package io.lighter.server.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Every meter of the registry. Labels come from small fixed sets: never repository names, tags or
 * digests, of which a cluster has more than a metrics store can bear. Thread-safe, never blocks.
 */
public final class RegistryMetrics implements AutoCloseable {
  private final Map<String, AtomicLong> pullsLeft = new ConcurrentHashMap<>();
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ConcurrentHashMap<RequestKind, RequestMeters> requests = new ConcurrentHashMap<>();

  /** In seconds since 1970; 0 before the first. */
  private final AtomicLong lastCollection = new AtomicLong();

  public RegistryMetrics() {
    gauge(
        "lighter.gc.last.success.seconds",
        "When garbage was last collected to the end, in seconds since 1970",
        lastCollection::get);
    Stream.of(
            new JvmMemoryMetrics(),
            new JvmThreadMetrics(),
            new ProcessorMetrics(),
            new FileDescriptorMetrics(),
            new CollectorMetrics())
        .forEach(binder -> binder.bindTo(meters));
  }

  /** Counts a request. */
  public void answered(RequestRecord request) {
    RequestMeters kind =
        requests.computeIfAbsent(
            new RequestKind(request.endpoint(), request.knownMethod(), request.status()),
            this::meters);
    kind.duration.record(request.duration());
    kind.bytes.increment((double) request.bytes());
  }

  private RequestMeters meters(RequestKind kind) {
    String[] labels = {
      "endpoint", kind.endpoint, "method", kind.method, "status", Integer.toString(kind.status)
    };
    return new RequestMeters(
        Timer.builder("lighter.requests")
            .description("Requests to the registry API")
            .tags(labels)
            .register(meters),
        Counter.builder("lighter.response.bytes")
            .description("Bytes of answer bodies")
            .tags(labels)
            .register(meters));
  }

  /** Counts a request to an upstream. */
  public void upstreamRequest(String upstream, String operation, String outcome) {
    counter(
            "lighter.upstream.requests",
            "Requests to upstreams, every attempt counted",
            "upstream",
            upstream,
            "operation",
            operation,
            "outcome",
            outcome)
        .increment();
  }

  /** Counts bytes of blobs that came from an upstream. */
  public void upstreamBytes(String upstream, long bytes) {
    counter("lighter.upstream.bytes", "Bytes of blobs that arrived", "upstream", upstream)
        .increment((double) bytes);
  }

  /** An upstream has said how many more pulls it allows for now. */
  public void pullsLeft(String upstream, long count) {
    pullsLeft
        .computeIfAbsent(
            upstream,
            name -> {
              var left = new AtomicLong();
              Gauge.builder("lighter.upstream.pulls.left", left, AtomicLong::get)
                  .description("Pulls that an upstream allows until its limit, as it said last")
                  .tag("upstream", name)
                  .register(meters);
              return left;
            })
        .set(count);
  }

  /** Counts an answer that upstream could not confirm. */
  public void staleAnswer(String upstream, String reason) {
    counter(
            "lighter.upstream.stale",
            "Tags and lists answered as last known, because upstream did not confirm them",
            "upstream",
            upstream,
            "reason",
            reason)
        .increment();
  }

  /** Counts a question that upstream was spared, because it had just said no. */
  public void refusedFromMemory(String upstream) {
    counter(
            "lighter.upstream.refused.from.memory",
            "Questions that upstream was not asked again, because it had just refused",
            "upstream",
            upstream)
        .increment();
  }

  /** Counts a reader that found a download of its blob under way and joined it. */
  public void fetchJoined(String upstream) {
    counter(
            "lighter.upstream.fetch.joined",
            "Readers that joined a download under way",
            "upstream",
            upstream)
        .increment();
  }

  /** Counts the end of a blob's download. */
  public void blobFetched(String upstream, String outcome) {
    counter(
            "lighter.upstream.fetches.done",
            "Downloads that ended",
            "upstream",
            upstream,
            "outcome",
            outcome)
        .increment();
  }

  /** Counts a layer that went through the converter, or was found converted. */
  public void layerConverted(String outcome, long sourceBytes, Duration duration) {
    Timer.builder("lighter.conversion.layers")
        .description("Layers that were offered for conversion")
        .tag("outcome", outcome)
        .register(meters)
        .record(duration);
    counter(
            "lighter.conversion.source.bytes",
            "Size of those layers before conversion",
            "outcome",
            outcome)
        .increment((double) sourceBytes);
  }

  /**
   * Counts a layer that was laid out anew for a prefetch list.
   *
   * @param copied uncompressed bytes whose compressed form was copied
   * @param compressed uncompressed bytes that were compressed again
   */
  public void layerLaidOut(long copied, long compressed, Duration duration) {
    Timer.builder("lighter.conversion.layouts")
        .description("Layers that were laid out for a prefetch list")
        .register(meters)
        .record(duration);
    laidOut("copied").increment((double) copied);
    laidOut("compressed").increment((double) compressed);
  }

  /**
   * Counts an image of which was worked out what its start reads.
   *
   * @param files how many files that is
   * @param cpu processor time that it took
   */
  public void startAnalyzed(int files, Duration cpu) {
    Timer.builder("lighter.startset.cpu")
        .description("Processor time of working out what the start of an image reads")
        .register(meters)
        .record(cpu);
    counter("lighter.startset.files", "Files that starts were found to read").increment(files);
  }

  private Counter laidOut(String how) {
    return counter(
        "lighter.conversion.layout.bytes",
        "Uncompressed bytes of those layers, copied compressed or compressed again",
        "how",
        how);
  }

  /** Counts the end of an image's conversion. */
  public void imageConverted(String outcome) {
    counter("lighter.conversion.images", "Ends of conversions of images", "outcome", outcome)
        .increment();
  }

  /** The counter of these labels, which are names and values by turns. */
  private Counter counter(String name, String description, String... labels) {
    return Counter.builder(name).description(description).tags(labels).register(meters);
  }

  /** Counts a garbage collection, and notes the time if it was a success. */
  public void garbageCollected(boolean complete, Duration duration) {
    Timer.builder("lighter.gc.runs")
        .description("Garbage collections that ended")
        .tag("outcome", complete ? "complete" : "broken-off")
        .register(meters)
        .record(duration);
    if (complete) {
      lastCollection.set(System.currentTimeMillis() / 1000);
    }
  }

  /** Counts something that a garbage collection removed, and the bytes that it freed. */
  public void garbageRemoved(String kind, long freedBytes) {
    counter("lighter.gc.removed", "What garbage collections removed", "kind", kind).increment();
    counter("lighter.gc.freed.bytes", "Bytes that garbage collections freed")
        .increment((double) freedBytes);
  }

  /** Counts blobs that were evicted. */
  public void evicted(String reason, long blobs, long bytes) {
    counter("lighter.evicted.images", "Cached images that were evicted", "reason", reason)
        .increment();
    counter("lighter.evicted.blobs", "Blobs that were evicted with them", "reason", reason)
        .increment((double) blobs);
    counter("lighter.evicted.bytes", "Bytes of those blobs", "reason", reason)
        .increment((double) bytes);
  }

  /** Begins to count readings of the configuration, so that the first that fails is an increase. */
  public void configReloads() {
    var _ = configReloads(true);
    var _ = configReloads(false);
  }

  /** Counts a reading of the configuration while the server runs. */
  public void configReloaded(boolean good) {
    configReloads(good).increment();
  }

  private Counter configReloads(boolean good) {
    return counter(
        "lighter.config.reloads",
        "Readings of the configuration while the server runs",
        "outcome",
        good ? "applied" : "refused");
  }

  /** Watches a number. */
  public void gauge(String name, String description, Supplier<Number> value) {
    Gauge.builder(name, value).description(description).register(meters);
  }

  /** Watches a number that only grows; labels are names and values by turns. */
  public void count(String name, String description, Supplier<Number> value, String... labels) {
    // The meter holds only weakly what it counts of, and nobody else holds the supplier.
    FunctionCounter.builder(name, this, _ -> value.get().doubleValue())
        .description(description)
        .tags(labels)
        .register(meters);
  }

  /** Watches how many requests were refused, and for which reason. */
  public void refused(String reason, Supplier<Number> value) {
    count("lighter.refused", "Requests refused for a limit", value, "reason", reason);
  }

  /** Watches how long work waits somewhere. */
  public void queue(String queue, Supplier<Duration> shortest, Supplier<Duration> longest) {
    delay(queue, "shortest", shortest);
    delay(queue, "longest", longest);
  }

  private void delay(String queue, String which, Supplier<Duration> delay) {
    Gauge.builder("lighter.queue.delay.seconds", () -> delay.get().toNanos() / 1e9)
        .description("How long work waited in the last half second before anybody looked at it")
        .tags("queue", queue, "which", which)
        .register(meters);
  }

  /** Watches until when the certificate of a listener is valid. */
  public void certificate(String listener, Supplier<Instant> expires) {
    Gauge.builder("lighter.tls.expires", () -> expires.get().getEpochSecond())
        .description("Unix time at which the certificate of a listener expires")
        .tag("listener", listener)
        .register(meters);
  }

  /** Watches what is pinned of a kind, and how many reads found their bytes there. */
  public void pinned(
      String kind, Supplier<Number> bytes, Supplier<Number> hits, Supplier<Number> misses) {
    Gauge.builder("lighter.pinned.bytes", bytes)
        .description("Bytes of lazy layers that stay in memory")
        .tag("kind", kind)
        .register(meters);
    String reads = "Reads of lazy layers, and whether their bytes were pinned";
    count("lighter.pinned.reads", reads, hits, "kind", kind, "outcome", "hit");
    count("lighter.pinned.reads", reads, misses, "kind", kind, "outcome", "miss");
  }

  /** Watches how many bytes of blobs were sent, by where they came from. */
  public void sentBytes(String from, Supplier<Number> bytes) {
    count(
        "lighter.blob.sent.bytes",
        "Bytes of blobs that were sent, by where they came from",
        bytes,
        "from",
        from);
  }

  /** A number that is always 1 and says something by its label. */
  public void info(String name, String description, String label, String value) {
    Gauge.builder(name, () -> 1).description(description).tag(label, value).register(meters);
  }

  /** What the counters or timers of this name and these labels have counted, all together. */
  public double total(String name, String... labels) {
    return MeterTotals.of(meters.find(name).tags(labels).meters());
  }

  /** All meters in the Prometheus text format. */
  public String scrape() {
    return meters.scrape();
  }

  @Override
  public void close() {
    meters.close();
  }

  private record RequestKind(String endpoint, String method, int status) {}

  private record RequestMeters(Timer duration, Counter bytes) {}
}
