package io.lighter.storage.gc;

import static io.lighter.storage.gc.Cache.LEASE;
import static io.lighter.storage.gc.Cache.TWO_IMAGES;
import static io.lighter.storage.gc.Harbour.APP;
import static io.lighter.storage.gc.Harbour.MIRROR;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.Fixtures;
import io.lighter.storage.Leases;
import io.lighter.storage.RepositoryKind;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which images go when cached content has no room, in which order, and what stays. */
class EvictorTest {
  private static final RepositoryName ALIAS = new RepositoryName("mirror.example/app");

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
  void run_withinTheCapacity_nothingGoes() {
    Manifest image = cache.pulled(MIRROR, "v1");

    assertThat(cache.evict(TWO_IMAGES)).isEmpty();
    assertThat(harbour.isWhole(MIRROR, image)).isTrue();
  }

  @Test
  void run_overTheCapacity_leastRecentlyPulledGoesWithManifestTagAndBytes() {
    Instant start = harbour.clock.instant();
    Manifest first = cache.pulled(MIRROR, "v1");
    Manifest second = cache.pulled(MIRROR, "v2");
    Manifest third = cache.pulled(MIRROR, "v3");

    List<Evicted> evicted = cache.evict(TWO_IMAGES);

    assertThat(evicted).hasSize(1);
    assertThat(evicted.getFirst().convertedStays()).isFalse();
    assertThat(evicted.getFirst().image().tags()).containsExactly(new Tag("v1"));
    assertThat(evicted.getFirst().image().lastUse()).isBetween(start.minusMillis(1), start);
    assertThat(cache.isGone(MIRROR, first)).isTrue();
    assertThat(harbour.metadata().tag(MIRROR, new Tag("v1"))).isEmpty();
    assertThat(harbour.isWhole(MIRROR, second)).isTrue();
    assertThat(harbour.isWhole(MIRROR, third)).isTrue();
    assertThat(harbour.stores().rocks().eviction().use().cached())
        .isEqualTo(cache.filesOfBlobs())
        .isLessThan(TWO_IMAGES);
  }

  @Test
  void run_oldestWasReadAgain_theOneAfterItGoes() {
    Manifest first = cache.pulled(MIRROR, "v1");
    Manifest second = cache.pulled(MIRROR, "v2");
    cache.pulled(MIRROR, "v3");
    Digest layer = Harbour.blobs(first).toList().getLast();
    harbour.leases().keep(MIRROR, layer, Leases.Use.READ);
    cache.rest();

    cache.evict(TWO_IMAGES);

    assertThat(harbour.isWhole(MIRROR, first)).isTrue();
    assertThat(cache.isGone(MIRROR, second)).isTrue();
  }

  @Test
  void evict_usedSinceItWasFound_stays() {
    Manifest image = cache.pulled(MIRROR, "v1");
    var index = harbour.stores().rocks().eviction();
    CachedImage found = index.image(MIRROR, image.digest()).orElseThrow();
    harbour.leases().keep(MIRROR, image.digest(), Leases.Use.READ);
    cache.rest();

    var restraint = new EvictionIndex.Restraint(LEASE, harbour.clock.instant());
    assertThat(index.evict(found, EvictionIndex.Part.WHOLE, restraint, () -> {})).isEmpty();
    assertThat(harbour.isWhole(MIRROR, image)).isTrue();
  }

  @Test
  void oldest_moreThanTheLimit_areTheOldestInTheirOrder() {
    List<Manifest> images = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      images.add(cache.pulled(MIRROR, "v" + i));
    }
    harbour.leases().keep(MIRROR, images.get(1).digest(), Leases.Use.READ);
    cache.rest();

    var restraint = new EvictionIndex.Restraint(LEASE, harbour.clock.instant());
    assertThat(harbour.stores().rocks().eviction().oldest(EvictionIndex.Part.WHOLE, restraint, 3))
        .extracting(CachedImage::digest)
        .containsExactly(images.get(0).digest(), images.get(2).digest(), images.get(3).digest());
  }

  @Test
  void run_readersOfASharedLayer_countForNoImage() {
    BlobInfo base = harbour.store();
    Manifest first = cache.pulled(MIRROR, List.of(base), "v1");
    cache.pulled(MIRROR, List.of(base), "v2");
    cache.pulled(MIRROR, List.of(), "v3");
    harbour.leases().keep(MIRROR, base.digest(), Leases.Use.READ);
    cache.rest();

    cache.evict(TWO_IMAGES);

    assertThat(harbour.hasManifest(MIRROR, first)).isFalse();
    assertThat(harbour.isReadable(MIRROR, base.digest())).isTrue();
  }

  @Test
  void run_sharedBlobs_goWithTheLastImageThatHasThem() {
    BlobInfo base = harbour.store();
    cache.pulled(MIRROR, List.of(base), "v1");
    cache.pulled(ALIAS, List.of(base), "v1");

    cache.evict(1);

    assertThat(harbour.areHere(base.digest())).isFalse();
    assertThat(harbour.stores().rocks().eviction().use()).isEqualTo(StoreUse.NONE);
    assertThat(cache.filesOfBlobs()).isZero();
  }

  @Test
  void run_hostedContent_stays() {
    Manifest pushed = harbour.pushImage(APP, "v1");
    Manifest untagged = harbour.pushImage(APP);
    BlobInfo shared = harbour.push(APP);
    cache.pulled(MIRROR, List.of(shared), "v1");

    cache.evict(1);

    assertThat(harbour.isWhole(APP, pushed)).isTrue();
    assertThat(harbour.isWhole(APP, untagged)).isTrue();
    assertThat(harbour.isReadable(APP, shared.digest())).isTrue();
    assertThat(harbour.stores().rocks().eviction().use())
        .isEqualTo(new StoreUse(0, cache.filesOfBlobs()));
  }

  @Test
  void run_index_goesWithItsChildrenAndReferrersButNotWithThoseThatHaveTags() {
    Manifest child = cache.pulled(MIRROR, List.of());
    Manifest tagged = cache.pulled(MIRROR, List.of(), "v1-arm64");
    Manifest index =
        Harbour.index(
            List.of(Harbour.descriptor(child), Harbour.descriptor(tagged)), Optional.empty());
    cache.put(MIRROR, index, "v1");
    Manifest signature = harbour.image(harbour.store(), List.of(), Optional.of(index));
    cache.put(MIRROR, signature);
    cache.rest();
    harbour.leases().keep(MIRROR, tagged.digest(), Leases.Use.READ);

    var images = harbour.stores().rocks().eviction();
    CachedImage image = images.image(MIRROR, index.digest()).orElseThrow();
    cache.evictor(1).drop(image);

    assertThat(List.of(index, child, signature)).allMatch(gone -> cache.isGone(MIRROR, gone));
    assertThat(harbour.isWhole(MIRROR, tagged)).isTrue();
  }

  @Test
  void run_indexWhoseSubjectIsItsChild_goesAsAWhole() {
    Manifest child = cache.pulled(MIRROR, List.of());
    Manifest index = Harbour.index(List.of(Harbour.descriptor(child)), Optional.of(child));
    cache.put(MIRROR, index, "v1");
    cache.rest();

    assertThat(cache.evict(1)).hasSize(1);
    assertThat(cache.isGone(MIRROR, index)).isTrue();
    assertThat(cache.isGone(MIRROR, child)).isTrue();
  }

  @Test
  void run_blobWithoutAManifest_goes() {
    BlobInfo loose = harbour.store();
    harbour.metadata().linkBlob(MIRROR, RepositoryKind.MIRRORED, loose);
    cache.rest();

    cache.evict(1);

    assertThat(harbour.metadata().linkedBlob(MIRROR, loose.digest())).isEmpty();
    assertThat(harbour.areHere(loose.digest())).isFalse();
  }

  @Test
  void run_imageOfWhichNothingIsHere_stays() {
    Manifest image = harbour.pull(MIRROR, List.of(new BlobInfo(Fixtures.digest(7), 7)), "v1");
    cache.pulled(MIRROR, "v2");
    cache.rest();

    assertThat(cache.evict(1)).hasSize(1);
    assertThat(harbour.hasManifest(MIRROR, image)).isTrue();
  }

  @Test
  void run_usedThisMoment_staysUntilItRests() {
    Manifest image = harbour.pull(MIRROR, List.of(harbour.store()), "v1");

    assertThat(cache.evict(1)).isEmpty();
    cache.rest();
    assertThat(cache.evict(1)).hasSize(1);
    assertThat(cache.isGone(MIRROR, image)).isTrue();
  }

  @Test
  void run_blobThatAPushJustCommitted_itsImageStays() {
    BlobInfo base = harbour.store();
    Manifest image = cache.pulled(MIRROR, List.of(base), "v1");
    harbour.index().renew(base.digest());

    assertThat(cache.evict(1)).isEmpty();
    harbour.metadata().linkBlob(APP, RepositoryKind.HOSTED, base);
    cache.rest();
    cache.evict(1);

    assertThat(cache.isGone(MIRROR, image)).isFalse();
    assertThat(harbour.hasManifest(MIRROR, image)).isFalse();
    assertThat(harbour.isReadable(APP, base.digest())).isTrue();
  }

  @Test
  void run_readerHasALayerOpen_readsItToItsEnd() throws Exception {
    Manifest image = cache.pulled(MIRROR, "v1");
    BlobInfo layer = harbour.metadata().linkedBlob(MIRROR, last(image)).orElseThrow();
    try (var source = harbour.stores().blobs().open(layer.digest())) {
      cache.evict(1);
      assertThat(harbour.areHere(layer.digest())).isFalse();
      assertThat(Fixtures.readAll(source)).hasSize((int) layer.size());
    }
  }

  @Test
  void crash_betweenMetadataAndBytes_nextRunRemovesTheBytesAndNothingDangles() {
    Manifest image = cache.pulled(MIRROR, "v1");
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
    cache.pulled(MIRROR, "v2");
    cache.evict(1);
    assertThat(cache.filesOfBlobs()).isZero();
  }

  /** The layer of its own. */
  private static Digest last(Manifest image) {
    return Harbour.blobs(image).toList().getLast();
  }
}
