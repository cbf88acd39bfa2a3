package io.lighter.server;

import io.lighter.conversion.ConversionLimits;
import io.lighter.conversion.ImageConverter;
import io.lighter.conversion.LayerConverter;
import io.lighter.conversion.gzip.GzipEncoders;
import io.lighter.conversion.startset.StartupAnalysis;
import io.lighter.conversion.startset.trace.AnalysisLimits;
import io.lighter.server.command.Version;
import io.lighter.server.config.ConversionConfig;
import io.lighter.server.content.ConversionPolicies;
import io.lighter.server.content.Repositories;
import io.lighter.server.convert.BackgroundThreads;
import io.lighter.server.convert.ConversionHistory;
import io.lighter.server.convert.ConversionPace;
import io.lighter.server.convert.ConversionQueue;
import io.lighter.server.convert.ConversionWorkers;
import io.lighter.server.convert.CoreUse;
import io.lighter.server.convert.ImageConversion;
import io.lighter.server.convert.LayerBlobs;
import io.lighter.server.convert.LayerConversions;
import io.lighter.server.convert.LayerLayouts;
import io.lighter.server.convert.PrefetchLists;
import io.lighter.server.convert.SpareCores;
import io.lighter.server.convert.StartupSets;
import io.lighter.server.observe.RecentLatency;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.server.trace.Tracer;
import io.lighter.storage.BlobStore;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.LazyViewPut;
import io.lighter.storage.MetadataStore;
import java.time.Clock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What converts images, put together, and its threads. */
final class Conversions implements AutoCloseable {
  private final int threads;
  private final SpareCores spare;
  private final StartupSets startupSets;
  private final ConversionHistory history;
  private final String recipe;
  private final ConversionWorkers workers;

  /**
   * Puts it together; nothing runs yet.
   *
   * @param policies what is converted where; looked up for each image
   * @param latency how long requests take, which conversions give way to
   * @param onPublished is told of each lazy view that a tag has got
   */
  Conversions(
      ConversionConfig config,
      Supplier<ConversionPolicies> policies,
      Repositories repositories,
      MetadataStore metadata,
      BlobStore blobs,
      ConversionStore store,
      PrefetchLists lists,
      ConversionQueue queue,
      GzipEncoders encoders,
      RecentLatency latency,
      RegistryMetrics metrics,
      Tracer tracer,
      Clock clock,
      Consumer<LazyViewPut> onPublished) {
    threads = config.workers();
    var limits = ConversionLimits.DEFAULT;
    var background = new BackgroundThreads("conversion-");
    var helpers = new BackgroundThreads("compression-");
    var cores = CoreUse.ofThisMachine(background, helpers);
    var pace = new ConversionPace(latency, config.latencyTarget(), cores::isContested);
    metrics.gauge(
        "lighter.conversion.held.back.seconds",
        "For how long conversions waited for requests and other processes",
        () -> pace.heldBack().toMillis() / 1000.0);
    spare = new SpareCores(helpers, () -> pace.isPressed() ? 0 : cores.spareCores());
    var layers = new LayerConverter(encoders, limits, spare, SpareCores.threadsPerImage(threads));
    recipe = layers.recipe().id();
    history = new ConversionHistory(clock);
    var content = new LayerBlobs(blobs, pace);
    startupSets =
        new StartupSets(content, new StartupAnalysis(AnalysisLimits.DEFAULTS), encoders, metrics);
    var images =
        new ImageConversion(
            new LayerConversions(content, store, layers, metrics),
            new LayerLayouts(content, store, layers, limits, metrics),
            startupSets,
            new ImageConverter(
                layers.recipe(), new ImageConverter.Provenance(Version.text(), config.subject())),
            policies,
            metadata,
            blobs,
            clock);
    workers =
        new ConversionWorkers(
            queue,
            images,
            repositories,
            store,
            lists,
            metrics,
            history,
            tracer,
            background,
            onPublished);
  }

  /** What the starts of images read. */
  StartupSets startupSets() {
    return startupSets;
  }

  /** How conversions ended lately. */
  ConversionHistory history() {
    return history;
  }

  /** What results of layers are kept under. */
  String recipe() {
    return recipe;
  }

  /** Begins to convert what waits for it. */
  void start() {
    workers.start(threads);
  }

  /** Ends what is being converted; it is taken up again after the next start. */
  @Override
  public void close() {
    workers.close();
    spare.close();
  }
}
