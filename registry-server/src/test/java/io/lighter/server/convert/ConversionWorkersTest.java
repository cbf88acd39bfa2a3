package io.lighter.server.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.conversion.ConversionLimits;
import io.lighter.conversion.ImageConverter;
import io.lighter.conversion.LayerConverter;
import io.lighter.conversion.gzip.GzipEncoders;
import io.lighter.conversion.startset.StartupAnalysis;
import io.lighter.conversion.startset.trace.AnalysisLimits;
import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.server.content.ConversionPolicies;
import io.lighter.server.content.ConversionPolicy;
import io.lighter.server.content.Repositories;
import io.lighter.server.content.RepositoryPatterns;
import io.lighter.server.content.ViewPolicy;
import io.lighter.server.content.WantedPlatforms;
import io.lighter.server.limit.Places;
import io.lighter.server.observe.RecentLatency;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.server.pullthrough.FetchTable;
import io.lighter.server.pullthrough.PullThrough;
import io.lighter.server.trace.Tracer;
import io.lighter.server.upstream.Namespaces;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.server.upstream.UpstreamObserver;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.StorageException;
import io.lighter.storage.local.FileBlobStore;
import io.lighter.storage.local.StoreDirectory;
import io.lighter.storage.rocksdb.RocksStores;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What becomes of jobs that fail. The metadata fails as it is told, then says that the image is
 * gone, which is the end of a job.
 */
class ConversionWorkersTest {
  private static final RepositoryName REPOSITORY = RepositoryName.parse("app");
  private static final Digest IMAGE = Digest.ofSha256(new byte[] {1});

  private static final ConversionPolicy CONVERT =
      new ConversionPolicy(ViewPolicy.REPLACE, Long.MAX_VALUE, 0, WantedPlatforms.AS_PULLED);

  @TempDir private Path directory;
  private final LeapingClock clock = new LeapingClock(Duration.ofMinutes(10));
  private final RegistryMetrics metrics = new RegistryMetrics();
  private final ConcurrentLinkedQueue<Runnable> troubles = new ConcurrentLinkedQueue<>();
  private StoreDirectory data;
  private RocksStores stores;
  private FileBlobStore blobs;
  private FetchTable fetches;
  private ConversionQueue queue;
  private ConversionWorkers workers;

  @BeforeEach
  void open() {
    data = new StoreDirectory(directory);
    stores = new RocksStores(data.layout().metadata(), 8 << 20, clock, Duration.ofHours(1));
    blobs = new FileBlobStore(data.layout(), stores.blobIndex(), 16);
    fetches =
        new FetchTable(
            blobs, UpstreamObserver.none(), new Places("downloads", new Places.Caps(1000, 0, 0)));
    MetadataStore metadata = troubled(stores.metadata());
    var layers =
        new LayerConverter(GzipEncoders.detect(), ConversionLimits.DEFAULT, Runnable::run, 1);
    var content =
        new LayerBlobs(
            blobs,
            new ConversionPace(new RecentLatency(System::nanoTime), Duration.ZERO, () -> false));
    queue = new ConversionQueue(stores.conversions(), clock);
    workers =
        new ConversionWorkers(
            queue,
            new ImageConversion(
                new LayerConversions(content, stores.conversions(), layers, metrics),
                new LayerLayouts(
                    content, stores.conversions(), layers, ConversionLimits.DEFAULT, metrics),
                new StartupSets(
                    content,
                    new StartupAnalysis(AnalysisLimits.DEFAULTS),
                    GzipEncoders.detect(),
                    metrics),
                new ImageConverter(layers.recipe()),
                () ->
                    new ConversionPolicies(
                        new RepositoryPatterns(List.of()), List.of(), CONVERT, CONVERT),
                metadata,
                blobs,
                clock),
            new Repositories(
                () -> new Namespaces(List.of(), null, Optional.empty(), metadata),
                new PullThrough(blobs, metadata, fetches, clock, UpstreamObserver.none(), () -> {}),
                metadata,
                blobs),
            stores.conversions(),
            new PrefetchLists(stores.prefetchLists(), stores.metadata()),
            metrics,
            new ConversionHistory(clock),
            Tracer.passingOn(),
            new BackgroundThreads("conversion-"),
            _ -> {});
    try (var writer = blobs.newWriter()) {
      BlobInfo empty = writer.commit(Digest.ofSha256(new byte[0]));
      stores.metadata().linkBlob(REPOSITORY, RepositoryKind.HOSTED, empty);
    }
  }

  @AfterEach
  void close() {
    workers.close();
    fetches.close();
    blobs.close();
    stores.close();
    data.close();
    metrics.close();
  }

  @Test
  void failure_thatPasses_isTriedAgainAndAgain() {
    for (int i = 0; i < 3; i++) {
      fail(() -> new StorageException.Unavailable("away", null));
      fail(() -> new UpstreamException.Unreachable("away", null));
      fail(() -> new StorageException.DiskFull("full", new IOException("full")));
    }
    start();

    await().untilAsserted(() -> assertThat(jobs(ConversionJob.State.PENDING)).isEmpty());
    assertThat(jobs(ConversionJob.State.PARKED)).isEmpty();
    assertThat(troubles).isEmpty();
    assertThat(metrics.scrape()).contains("lighter_conversion_images_total{outcome=\"retried\"} 9");
  }

  @Test
  void failure_thatPasses_leavesAllAttemptsToWhatFailsOtherwise() {
    for (int i = 0; i < 5; i++) {
      fail(() -> new UpstreamException.Unreachable("away", null));
    }
    fail(() -> new IllegalStateException("odd"));
    fail(() -> new StorageException.DiskFull("full", new IOException("full")));
    fail(() -> new IllegalStateException("odd"));
    start();

    await().untilAsserted(() -> assertThat(jobs(ConversionJob.State.PENDING)).isEmpty());
    assertThat(troubles).isEmpty();
    assertThat(jobs(ConversionJob.State.PARKED)).isEmpty();
  }

  @Test
  void upstreamThatRefuses_forgetsTheImageUntilItIsPulledAgain() {
    fail(() -> new UpstreamException.Denied("no"));
    start();

    await().untilAsserted(() -> assertThat(jobs(ConversionJob.State.PENDING)).isEmpty());
    assertThat(jobs(ConversionJob.State.PARKED)).isEmpty();
    assertThat(queue.offer(REPOSITORY, IMAGE)).isTrue();
  }

  @Test
  void failure_thatNobodyKnows_isParkedAtTheThirdAttempt() {
    for (int i = 0; i < 3; i++) {
      fail(() -> new IllegalStateException("odd"));
    }
    start();

    await()
        .untilAsserted(() ->
            assertThat(jobs(ConversionJob.State.PARKED))
                .singleElement()
                .satisfies(job -> {
                  assertThat(job.attempts()).isEqualTo(3);
                  assertThat(job.reason()).isEqualTo("odd");
                }));
    assertThat(metrics.scrape()).contains("outcome=\"parked\"} 1").contains("\"retried\"} 2");
  }

  @Test
  void image_thatIsGone_isForgottenAndMayComeAgain() {
    start();

    await().untilAsserted(() -> assertThat(jobs(ConversionJob.State.PENDING)).isEmpty());
    assertThat(queue.offer(REPOSITORY, IMAGE)).isTrue();
  }

  @Test
  void close_duringAConversion_leavesTheJobPending() throws InterruptedException {
    var begun = new CountDownLatch(1);
    troubles.add(() -> {
      begun.countDown();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        throw new IllegalStateException("interrupted", e);
      }
    });
    start();
    begun.await();
    workers.close();

    assertThat(jobs(ConversionJob.State.PENDING))
        .singleElement()
        .satisfies(job -> assertThat(job.attempts()).isZero());
  }

  private void start() {
    queue.offer(REPOSITORY, IMAGE);
    workers.start(1);
  }

  private void fail(java.util.function.Supplier<RuntimeException> failure) {
    troubles.add(() -> {
      throw failure.get();
    });
  }

  private List<ConversionJob> jobs(ConversionJob.State state) {
    return stores.conversions().jobs(state);
  }

  /** Lets the next trouble happen whenever a manifest is read. */
  private MetadataStore troubled(MetadataStore real) {
    return (MetadataStore)
        Proxy.newProxyInstance(
            MetadataStore.class.getClassLoader(),
            new Class<?>[] {MetadataStore.class},
            (_, method, arguments) -> {
              Runnable trouble = method.getName().equals("manifest") ? troubles.poll() : null;
              if (trouble != null) {
                trouble.run();
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getTargetException();
              }
            });
  }
}
