package io.lighter.storage.gc;

import static io.lighter.storage.gc.Cache.LEASE;
import static io.lighter.storage.gc.Cache.TWO_IMAGES;
import static io.lighter.storage.gc.Harbour.APP;
import static io.lighter.storage.gc.Harbour.MIRROR;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Manifest;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.gc.EvictionTotals.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How much has to go by capacity and by free space, what goes before images, and what a run or a
 * dry run says of it.
 */
class EvictionLimitsTest {
  @TempDir Path root;
  private Harbour harbour;
  private Cache cache;

  @BeforeEach
  void open() {
    harbour = new Harbour(root);
    cache = new Cache(harbour);
  }

  @AfterEach
  void close() {
    harbour.close();
  }

  @Test
  void run_partialBlobs_countAndGoFirst() {
    Manifest image = cache.pulled(MIRROR, "v1");
    cache.disk.partials = 10_000;

    var totals = cache.evictor(TWO_IMAGES).run(_ -> {}).orElseThrow();

    assertThat(totals.reason()).contains(Reason.CAPACITY);
    assertThat(totals.partials()).isEqualTo(1);
    assertThat(totals.images()).isZero();
    assertThat(cache.disk.untouchedSince)
        .isEqualTo(harbour.clock.instant().minus(Duration.ofMinutes(10)));
    assertThat(harbour.isWhole(MIRROR, image)).isTrue();
  }

  @Test
  void run_blobThatNothingNames_goesBeforeImages() {
    BlobInfo unnamed = harbour.store();
    harbour.clock.advance(Duration.ofMinutes(12));
    Manifest image = cache.pulled(MIRROR, "v1");

    assertThat(cache.evict(3100)).isEmpty();

    assertThat(harbour.areHere(unnamed.digest())).isFalse();
    assertThat(harbour.isWhole(MIRROR, image)).isTrue();
  }

  @Test
  void run_diskBelowItsFloor_imagesGoWithoutACap() {
    Manifest first = cache.pulled(MIRROR, "v1");
    Manifest second = cache.pulled(MIRROR, "v2");
    cache.disk.free = 8_000;
    var evictor = cache.evictor(new CacheLimits(0, 0, 1, LEASE));
    assertThat(evictor.pressure().reason()).contains(Reason.FREE_SPACE);
    assertThat(evictor.pressure().excess()).isEqualTo(2_000 + 1_000);

    var totals = evictor.run(_ -> {}).orElseThrow();

    assertThat(totals.reason()).contains(Reason.FREE_SPACE);
    assertThat(totals.images()).isEqualTo(2);
    assertThat(cache.isGone(MIRROR, first)).isTrue();
    assertThat(cache.isGone(MIRROR, second)).isTrue();
  }

  @Test
  void run_nothingCanGo_saysThatItWasNotEnough() {
    harbour.pushImage(APP, "v1");
    cache.disk.free = 0;

    var totals = cache.evictor(new CacheLimits(0, 1000, 0, LEASE)).run(_ -> {}).orElseThrow();

    assertThat(totals.enough()).isFalse();
    assertThat(totals.wanted()).isEqualTo(1100);
  }

  @Test
  void dryRun_overTheCapacity_saysWhatWouldGoAndLeavesIt() {
    Manifest first = cache.pulled(MIRROR, "v1");
    cache.pulled(MIRROR, "v2");
    cache.pulled(MIRROR, "v3");
    var found = new ArrayList<CachedImage>();

    var totals = cache.evictor(TWO_IMAGES).dryRun(found::add);

    assertThat(found).extracting(CachedImage::digest).containsExactly(first.digest());
    assertThat(found.getFirst().bytes()).isEqualTo(totals.bytes());
    assertThat(harbour.isWhole(MIRROR, first)).isTrue();
    assertThat(cache.evict(TWO_IMAGES).getFirst().bytes()).isEqualTo(totals.bytes());
  }

  @Test
  void dryRun_moreThanThereIs_namesEachImageOnce() {
    cache.pulled(MIRROR, "v1");
    cache.pulled(MIRROR, "v2");
    var found = new ArrayList<CachedImage>();

    assertThat(cache.evictor(1).dryRun(found::add).images()).isEqualTo(2);
    assertThat(found).extracting(CachedImage::digest).doesNotHaveDuplicates().hasSize(2);
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
}
