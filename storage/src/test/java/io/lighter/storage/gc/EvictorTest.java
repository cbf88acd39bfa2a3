package io.lighter.storage.gc;

import static io.lighter.storage.gc.Harbour.APP;
import static io.lighter.storage.gc.Harbour.MIRROR;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.Fixtures;
import io.lighter.storage.LayerConversion;
import io.lighter.storage.LazyViewPut;
import io.lighter.storage.Leases;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.UploadId;
import io.lighter.storage.gc.EvictionTotals.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes when cached content has no room, in which order, and what stays. */
class EvictorTest {
  private static final RepositoryName ALIAS = new RepositoryName("mirror.example/app");
  private static final Duration LEASE = Duration.ofDays(7);

  /** Holds two images of {@link #pulled}, not three. */
  private static final long TWO_IMAGES = 5600;

  @TempDir Path root;
  private Harbour harbour;
  private final Disk disk = new Disk();

  @BeforeEach
  void open() {
    harbour = new Harbour(root);
  }

  @AfterEach
  void close() {
    harbour.close();
  }

  @Test
  void run_withinTheCapacity_nothingGoes() {
    Manifest image = pulled(MIRROR, "v1");

    assertThat(evict(TWO_IMAGES)).isEmpty();
    assertThat(harbour.isWhole(MIRROR, image)).isTrue();
  }

  @Test
  void run_overTheCapacity_leastRecentlyPulledGoesWithManifestTagAndBytes() {
    Instant start = harbour.clock.instant();
    Manifest first = pulled(MIRROR, "v1");
    Manifest second = pulled(MIRROR, "v2");
    Manifest third = pulled(MIRROR, "v3");

    List<Evicted> evicted = evict(TWO_IMAGES);

    assertThat(evicted).hasSize(1);
    assertThat(evicted.getFirst().convertedStays()).isFalse();
    assertThat(evicted.getFirst().image().tags()).containsExactly(new Tag("v1"));
    assertThat(evicted.getFirst().image().lastUse()).isBetween(start.minusMillis(1), start);
    assertThat(isGone(MIRROR, first)).isTrue();
    assertThat(harbour.metadata().tag(MIRROR, new Tag("v1"))).isEmpty();
    assertThat(harbour.isWhole(MIRROR, second)).isTrue();
    assertThat(harbour.isWhole(MIRROR, third)).isTrue();
    assertThat(harbour.stores().rocks().eviction().use().cached())
        .isEqualTo(filesOfBlobs())
        .isLessThan(TWO_IMAGES);
  }

  @Test
  void run_oldestWasReadAgain_theOneAfterItGoes() {
    Manifest first = pulled(MIRROR, "v1");
    Manifest second = pulled(MIRROR, "v2");
    pulled(MIRROR, "v3");
    Digest layer = Harbour.blobs(first).toList().getLast();
    harbour.leases().keep(MIRROR, layer, Leases.Use.READ);
    rest();

    evict(TWO_IMAGES);

    assertThat(harbour.isWhole(MIRROR, first)).isTrue();
    assertThat(isGone(MIRROR, second)).isTrue();
  }

  @Test
  void evict_usedSinceItWasFound_stays() {
    Manifest image = pulled(MIRROR, "v1");
    var index = harbour.stores().rocks().eviction();
    CachedImage found = index.image(MIRROR, image.digest()).orElseThrow();
    harbour.leases().keep(MIRROR, image.digest(), Leases.Use.READ);
    rest();

    var restraint = new EvictionIndex.Restraint(LEASE, harbour.clock.instant());
    assertThat(index.evict(found, EvictionIndex.Part.WHOLE, restraint, () -> {})).isEmpty();
    assertThat(harbour.isWhole(MIRROR, image)).isTrue();
  }

  @Test
  void oldest_moreThanTheLimit_areTheOldestInTheirOrder() {
    List<Manifest> images = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      images.add(pulled(MIRROR, "v" + i));
    }
    harbour.leases().keep(MIRROR, images.get(1).digest(), Leases.Use.READ);
    rest();

    var restraint = new EvictionIndex.Restraint(LEASE, harbour.clock.instant());
    assertThat(harbour.stores().rocks().eviction().oldest(EvictionIndex.Part.WHOLE, restraint, 3))
        .extracting(CachedImage::digest)
        .containsExactly(images.get(0).digest(), images.get(2).digest(), images.get(3).digest());
  }

  @Test
  void run_readersOfASharedLayer_countForNoImage() {
    BlobInfo base = harbour.store();
    Manifest first = pulled(MIRROR, List.of(base), "v1");
    pulled(MIRROR, List.of(base), "v2");
    pulled(MIRROR, List.of(), "v3");
    harbour.leases().keep(MIRROR, base.digest(), Leases.Use.READ);
    rest();

    evict(TWO_IMAGES);

    assertThat(harbour.hasManifest(MIRROR, first)).isFalse();
    assertThat(harbour.isReadable(MIRROR, base.digest())).isTrue();
  }

  @Test
  void run_sharedBlobs_goWithTheLastImageThatHasThem() {
    BlobInfo base = harbour.store();
    pulled(MIRROR, List.of(base), "v1");
    pulled(ALIAS, List.of(base), "v1");

    evict(1);

    assertThat(harbour.areHere(base.digest())).isFalse();
    assertThat(harbour.stores().rocks().eviction().use()).isEqualTo(StoreUse.NONE);
    assertThat(filesOfBlobs()).isZero();
  }

  @Test
  void run_hostedContent_stays() {
    Manifest pushed = harbour.pushImage(APP, "v1");
    Manifest untagged = harbour.pushImage(APP);
    BlobInfo shared = harbour.push(APP);
    pulled(MIRROR, List.of(shared), "v1");

    evict(1);

    assertThat(harbour.isWhole(APP, pushed)).isTrue();
    assertThat(harbour.isWhole(APP, untagged)).isTrue();
    assertThat(harbour.isReadable(APP, shared.digest())).isTrue();
    assertThat(harbour.stores().rocks().eviction().use())
        .isEqualTo(new StoreUse(0, filesOfBlobs()));
  }

  @Test
  void run_index_goesWithItsChildrenAndReferrersButNotWithThoseThatHaveTags() {
    Manifest child = pulled(MIRROR, List.of());
    Manifest tagged = pulled(MIRROR, List.of(), "v1-arm64");
    Manifest index =
        Harbour.index(
            List.of(Harbour.descriptor(child), Harbour.descriptor(tagged)), Optional.empty());
    put(MIRROR, index, "v1");
    Manifest signature = harbour.image(harbour.store(), List.of(), Optional.of(index));
    put(MIRROR, signature);
    rest();
    harbour.leases().keep(MIRROR, tagged.digest(), Leases.Use.READ);

    var images = harbour.stores().rocks().eviction();
    CachedImage image = images.image(MIRROR, index.digest()).orElseThrow();
    evictor(1).drop(image);

    assertThat(List.of(index, child, signature)).allMatch(gone -> isGone(MIRROR, gone));
    assertThat(harbour.isWhole(MIRROR, tagged)).isTrue();
  }

  @Test
  void run_indexWhoseSubjectIsItsChild_goesAsAWhole() {
    Manifest child = pulled(MIRROR, List.of());
    Manifest index = Harbour.index(List.of(Harbour.descriptor(child)), Optional.of(child));
    put(MIRROR, index, "v1");
    rest();

    assertThat(evict(1)).hasSize(1);
    assertThat(isGone(MIRROR, index)).isTrue();
    assertThat(isGone(MIRROR, child)).isTrue();
  }

  @Test
  void run_blobWithoutAManifest_goes() {
    BlobInfo loose = harbour.store();
    harbour.metadata().linkBlob(MIRROR, RepositoryKind.MIRRORED, loose);
    rest();

    evict(1);

    assertThat(harbour.metadata().linkedBlob(MIRROR, loose.digest())).isEmpty();
    assertThat(harbour.areHere(loose.digest())).isFalse();
  }

  @Test
  void run_imageOfWhichNothingIsHere_stays() {
    Manifest image = harbour.pull(MIRROR, List.of(new BlobInfo(Fixtures.digest(7), 7)), "v1");
    pulled(MIRROR, "v2");
    rest();

    assertThat(evict(1)).hasSize(1);
    assertThat(harbour.hasManifest(MIRROR, image)).isTrue();
  }

  @Test
  void run_usedThisMoment_staysUntilItRests() {
    Manifest image = harbour.pull(MIRROR, List.of(harbour.store()), "v1");

    assertThat(evict(1)).isEmpty();
    rest();
    assertThat(evict(1)).hasSize(1);
    assertThat(isGone(MIRROR, image)).isTrue();
  }

  @Test
  void run_blobThatAPushJustCommitted_itsImageStays() {
    BlobInfo base = harbour.store();
    Manifest image = pulled(MIRROR, List.of(base), "v1");
    harbour.index().renew(base.digest());

    assertThat(evict(1)).isEmpty();
    harbour.metadata().linkBlob(APP, RepositoryKind.HOSTED, base);
    rest();
    evict(1);

    assertThat(isGone(MIRROR, image)).isFalse();
    assertThat(harbour.hasManifest(MIRROR, image)).isFalse();
    assertThat(harbour.isReadable(APP, base.digest())).isTrue();
  }

  @Test
  void run_convertedContentWithinItsLease_onlyTheOriginalGoes() {
    Manifest original = pulled(MIRROR, "v1");
    Manifest lazy = publish(original);
    harbour.clock.advance(LEASE.minusHours(1));
    Digest layer = lazy.view().layers().getFirst().digest();

    List<Evicted> evicted = evict(1);

    assertThat(evicted)
        .singleElement()
        .satisfies(gone -> assertThat(gone.convertedStays()).isTrue());
    assertThat(harbour.hasManifest(MIRROR, original)).isFalse();
    assertThat(harbour.areHere(original.view().layers().getFirst().digest())).isFalse();
    assertThat(harbour.isWhole(MIRROR, lazy)).isTrue();

    // The same image pulled again has its lazy view at once.
    put(MIRROR, original, "v1");
    assertThat(harbour.conversions().lazyView(MIRROR, original.digest())).contains(lazy.digest());

    // A read renews, past any collection of garbage.
    harbour.leases().keep(MIRROR, layer, Leases.Use.READ);
    harbour.clock.advance(Duration.ofHours(2));
    assertThat(evict(1)).isEmpty();
    assertThat(harbour.isWhole(MIRROR, lazy)).isTrue();
  }

  @Test
  void run_convertedContentPastItsLease_goesWithItsOriginalAndResults() {
    Manifest original = pulled(MIRROR, "v1");
    Manifest lazy = publish(original);
    Digest source = original.view().layers().getFirst().digest();
    harbour.clock.advance(LEASE.plusHours(1));

    assertThat(evict(1)).hasSize(1);

    assertThat(isGone(MIRROR, original)).isTrue();
    assertThat(isGone(MIRROR, lazy)).isTrue();
    assertThat(harbour.conversions().layer(source, "r1")).isEmpty();
    assertThat(harbour.conversions().lazyView(MIRROR, original.digest())).isEmpty();
    assertThat(filesOfBlobs()).isZero();
    assertThat(harbour.collect()).isEmpty();
  }

  @Test
  void drop_convertedContentThatArrivedThisMoment_nothingGoesUntilItRests() {
    Manifest original = pulled(MIRROR, "v1");
    Manifest lazy = publish(original);
    harbour.clock.advance(LEASE.plusHours(1));
    harbour.index().renew(lazy.view().layers().getFirst().digest());
    var image = harbour.stores().rocks().eviction().image(MIRROR, original.digest()).orElseThrow();

    assertThat(evictor(1).drop(image)).isEmpty();
    assertThat(harbour.isWhole(MIRROR, original)).isTrue();
    assertThat(harbour.isWhole(MIRROR, lazy)).isTrue();

    rest();
    assertThat(evictor(1).drop(image)).get().returns(false, Evicted::convertedStays);
    assertThat(isGone(MIRROR, original)).isTrue();
    assertThat(isGone(MIRROR, lazy)).isTrue();
  }

  @Test
  void run_lazyViewWhoseOriginalWasEvicted_goesAfterItsLease() {
    Manifest original = pulled(MIRROR, "v1");
    Manifest lazy = publish(original);
    rest();
    evict(1);
    assertThat(harbour.isWhole(MIRROR, lazy)).isTrue();

    harbour.clock.advance(LEASE.plusHours(1));
    evict(1);

    assertThat(isGone(MIRROR, lazy)).isTrue();
    assertThat(harbour.conversions().lazyView(MIRROR, original.digest())).isEmpty();
  }

  @Test
  void run_imageThatWaitsForItsConversion_goesAfterAllOthersAndWithItsJob() {
    Manifest waiting = pulled(MIRROR, "v1");
    Manifest other = pulled(MIRROR, "v2");
    var job = ConversionJob.first(MIRROR, waiting.digest(), harbour.clock.instant());
    harbour.conversions().enqueue(job);

    evict(4000);
    assertThat(harbour.isWhole(MIRROR, waiting)).isTrue();
    assertThat(isGone(MIRROR, other)).isTrue();

    evict(1);
    assertThat(isGone(MIRROR, waiting)).isTrue();
    assertThat(harbour.conversions().jobs(ConversionJob.State.PENDING)).isEmpty();
  }

  @Test
  void run_partialBlobs_countAndGoFirst() {
    Manifest image = pulled(MIRROR, "v1");
    disk.partials = 10_000;

    var totals = evictor(TWO_IMAGES).run(_ -> {}).orElseThrow();

    assertThat(totals.reason()).contains(Reason.CAPACITY);
    assertThat(totals.partials()).isEqualTo(1);
    assertThat(totals.images()).isZero();
    assertThat(disk.untouchedSince)
        .isEqualTo(harbour.clock.instant().minus(Duration.ofMinutes(10)));
    assertThat(harbour.isWhole(MIRROR, image)).isTrue();
  }

  @Test
  void run_blobThatNothingNames_goesBeforeImages() {
    BlobInfo unnamed = harbour.store();
    harbour.clock.advance(Duration.ofMinutes(12));
    Manifest image = pulled(MIRROR, "v1");

    assertThat(evict(3100)).isEmpty();

    assertThat(harbour.areHere(unnamed.digest())).isFalse();
    assertThat(harbour.isWhole(MIRROR, image)).isTrue();
  }

  @Test
  void run_diskBelowItsFloor_imagesGoWithoutACap() {
    Manifest first = pulled(MIRROR, "v1");
    Manifest second = pulled(MIRROR, "v2");
    disk.free = 8_000;
    var evictor = evictor(new CacheLimits(0, 0, 1, LEASE));
    assertThat(evictor.pressure().reason()).contains(Reason.FREE_SPACE);
    assertThat(evictor.pressure().excess()).isEqualTo(2_000 + 1_000);

    var totals = evictor.run(_ -> {}).orElseThrow();

    assertThat(totals.reason()).contains(Reason.FREE_SPACE);
    assertThat(totals.images()).isEqualTo(2);
    assertThat(isGone(MIRROR, first)).isTrue();
    assertThat(isGone(MIRROR, second)).isTrue();
  }

  @Test
  void run_nothingCanGo_saysThatItWasNotEnough() {
    harbour.pushImage(APP, "v1");
    disk.free = 0;

    var totals = evictor(new CacheLimits(0, 1000, 0, LEASE)).run(_ -> {}).orElseThrow();

    assertThat(totals.enough()).isFalse();
    assertThat(totals.wanted()).isEqualTo(1100);
  }

  @Test
  void dryRun_overTheCapacity_saysWhatWouldGoAndLeavesIt() {
    Manifest first = pulled(MIRROR, "v1");
    pulled(MIRROR, "v2");
    pulled(MIRROR, "v3");
    var found = new ArrayList<CachedImage>();

    var totals = evictor(TWO_IMAGES).dryRun(found::add);

    assertThat(found).extracting(CachedImage::digest).containsExactly(first.digest());
    assertThat(found.getFirst().bytes()).isEqualTo(totals.bytes());
    assertThat(harbour.isWhole(MIRROR, first)).isTrue();
    assertThat(evict(TWO_IMAGES).getFirst().bytes()).isEqualTo(totals.bytes());
  }

  @Test
  void dryRun_moreThanThereIs_namesEachImageOnce() {
    pulled(MIRROR, "v1");
    pulled(MIRROR, "v2");
    var found = new ArrayList<CachedImage>();

    assertThat(evictor(1).dryRun(found::add).images()).isEqualTo(2);
    assertThat(found).extracting(CachedImage::digest).doesNotHaveDuplicates().hasSize(2);
  }

  @Test
  void run_readerHasALayerOpen_readsItToItsEnd() throws Exception {
    Manifest image = pulled(MIRROR, "v1");
    BlobInfo layer = harbour.metadata().linkedBlob(MIRROR, last(image)).orElseThrow();
    try (var source = harbour.stores().blobs().open(layer.digest())) {
      evict(1);
      assertThat(harbour.areHere(layer.digest())).isFalse();
      assertThat(Fixtures.readAll(source)).hasSize((int) layer.size());
    }
  }

  @Test
  void crash_betweenMetadataAndBytes_nextRunRemovesTheBytesAndNothingDangles() {
    Manifest image = pulled(MIRROR, "v1");
    Digest layer = last(image);
    CachedImage candidate =
        harbour.stores().rocks().eviction().image(MIRROR, image.digest()).orElseThrow();
    var restraint = new EvictionIndex.Restraint(LEASE, Instant.MAX);
    harbour
        .stores()
        .rocks()
        .eviction()
        .evict(candidate, EvictionIndex.Part.WHOLE, restraint, () -> {});
    harbour.reopen();

    assertThat(harbour.layout().blob(layer)).exists();
    assertThat(harbour.metadata().linkedBlob(MIRROR, layer)).isEmpty();
    assertThat(harbour.index().find(layer)).isEmpty();
    pulled(MIRROR, "v2");
    evict(1);
    assertThat(filesOfBlobs()).isZero();
  }

  @Test
  void use_afterPushesMountsDeletionsAndDamage_isTheSumOfWhatIsHere() {
    BlobInfo pushed = harbour.push(APP);
    BlobInfo pulled = harbour.store();
    harbour.metadata().linkBlob(MIRROR, RepositoryKind.MIRRORED, pulled);
    harbour.metadata().linkBlob(MIRROR, RepositoryKind.MIRRORED, pushed);
    assertUse(pulled.size(), pushed.size());

    harbour.metadata().mountBlob(Harbour.OTHER, pushed.digest(), Optional.of(APP));
    harbour.metadata().unlinkBlob(APP, pushed.digest());
    assertUse(pulled.size(), pushed.size());

    harbour.metadata().unlinkBlob(Harbour.OTHER, pushed.digest());
    assertUse(pulled.size() + pushed.size(), 0);

    harbour.index().markDamaged(pulled);
    assertUse(pushed.size(), 0);
    harbour.reopen();
    assertUse(pushed.size(), 0);
    harbour.stores().blobs().delete(pushed.digest());
    assertUse(0, 0);
  }

  private void assertUse(long cached, long hosted) {
    assertThat(harbour.stores().rocks().eviction().use()).isEqualTo(new StoreUse(cached, hosted));
  }

  /** The layer of its own. */
  private static Digest last(Manifest image) {
    return Harbour.blobs(image).toList().getLast();
  }

  private boolean isGone(RepositoryName repository, Manifest image) {
    return !harbour.hasManifest(repository, image)
        && Harbour.blobs(image)
            .allMatch(blob ->
                harbour.metadata().linkedBlob(repository, blob).isEmpty()
                    && !harbour.areHere(blob));
  }

  private long filesOfBlobs() {
    var sum = new long[1];
    harbour
        .files()
        .walk(
            new GarbageFiles.Visitor() {
              @Override
              public void blob(Digest digest, long bytes) {
                sum[0] += bytes;
              }

              @Override
              public void upload(UploadId id, long bytes, Instant modified) {}
            });
    return sum[0];
  }

  /** An image of an upstream that was pulled whole, and rests since. */
  private Manifest pulled(RepositoryName repository, String tag) {
    return pulled(repository, List.of(), tag);
  }

  private Manifest pulled(RepositoryName repository, List<BlobInfo> shared, String... tags) {
    var layers = new ArrayList<>(shared);
    layers.add(harbour.store());
    Manifest image = harbour.image(harbour.store(), layers, Optional.empty());
    put(repository, image, tags);
    rest();
    return image;
  }

  private void put(RepositoryName repository, Manifest manifest, String... tags) {
    harbour
        .metadata()
        .putManifest(harbour.putting(repository, manifest, RepositoryKind.MIRRORED, tags));
  }

  /** Converts the first layer and publishes the lazy view. */
  private Manifest publish(Manifest original) {
    BlobInfo converted = harbour.store();
    Digest source = original.view().layers().getFirst().digest();
    harbour
        .conversions()
        .recordLayer(
            source,
            "r1",
            new LayerConversion.Converted(
                converted, Fixtures.digest(1), Fixtures.digest(2), 1, Fixtures.digest(3)));
    Manifest lazy = harbour.image(harbour.store(), List.of(converted), Optional.empty());
    harbour
        .conversions()
        .publish(
            new LazyViewPut(
                MIRROR,
                original.digest(),
                lazy.digest(),
                List.of(harbour.putting(MIRROR, lazy, RepositoryKind.MIRRORED))));
    rest();
    return lazy;
  }

  private void rest() {
    harbour.clock.advance(Evictor.QUIET.plusSeconds(1));
  }

  private List<Evicted> evict(long capacity) {
    var evicted = new ArrayList<Evicted>();
    assertThat(evictor(capacity).run(evicted::add)).isPresent();
    return evicted;
  }

  private Evictor evictor(long capacity) {
    return evictor(new CacheLimits(capacity, 0, 0, LEASE));
  }

  private Evictor evictor(CacheLimits limits) {
    return new Evictor(
        harbour.stores().rocks().eviction(),
        harbour.garbage(),
        harbour.files(),
        disk,
        limits,
        Harbour.TIMES,
        1_000_000,
        harbour.clock,
        () -> {});
  }

  /** A disk that has what a test says. */
  static final class Disk implements CacheSpace {
    long free = 500_000;
    long partials;
    Instant untouchedSince = Instant.MAX;

    @Override
    public long free() {
      return free;
    }

    @Override
    public long total() {
      return 1_000_000;
    }

    @Override
    public long partialBytes() {
      return partials;
    }

    @Override
    public int removePartials(Instant since) {
      untouchedSince = since;
      int removed = partials > 0 ? 1 : 0;
      partials = 0;
      return removed;
    }
  }
}
