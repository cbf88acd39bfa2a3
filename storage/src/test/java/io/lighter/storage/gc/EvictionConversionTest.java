package io.lighter.storage.gc;

import static io.lighter.storage.gc.Cache.LEASE;
import static io.lighter.storage.gc.Harbour.MIRROR;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.Leases;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lazy views outlive their original until their lease ends; what waits for one goes last. */
class EvictionConversionTest {
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
  void run_convertedContentWithinItsLease_onlyTheOriginalGoes() {
    Manifest original = cache.pulled(MIRROR, "v1");
    Manifest lazy = cache.publish(original);
    harbour.clock.advance(LEASE.minusHours(1));
    Digest layer = lazy.view().layers().getFirst().digest();

    List<Evicted> evicted = cache.evict(1);

    assertThat(evicted)
        .singleElement()
        .satisfies(gone -> assertThat(gone.convertedStays()).isTrue());
    assertThat(harbour.hasManifest(MIRROR, original)).isFalse();
    assertThat(harbour.areHere(original.view().layers().getFirst().digest())).isFalse();
    assertThat(harbour.isWhole(MIRROR, lazy)).isTrue();

    // The same image pulled again has its lazy view at once.
    cache.put(MIRROR, original, "v1");
    assertThat(harbour.conversions().lazyView(MIRROR, original.digest())).contains(lazy.digest());

    // A read renews, past any collection of garbage.
    harbour.leases().keep(MIRROR, layer, Leases.Use.READ);
    harbour.clock.advance(Duration.ofHours(2));
    assertThat(cache.evict(1)).isEmpty();
    assertThat(harbour.isWhole(MIRROR, lazy)).isTrue();
  }

  @Test
  void run_convertedContentPastItsLease_goesWithItsOriginalAndResults() {
    Manifest original = cache.pulled(MIRROR, "v1");
    Manifest lazy = cache.publish(original);
    Digest source = original.view().layers().getFirst().digest();
    harbour.clock.advance(LEASE.plusHours(1));

    assertThat(cache.evict(1)).hasSize(1);

    assertThat(cache.isGone(MIRROR, original)).isTrue();
    assertThat(cache.isGone(MIRROR, lazy)).isTrue();
    assertThat(harbour.conversions().layer(source, "r1")).isEmpty();
    assertThat(harbour.conversions().lazyView(MIRROR, original.digest())).isEmpty();
    assertThat(cache.filesOfBlobs()).isZero();
    assertThat(harbour.collect()).isEmpty();
  }

  @Test
  void drop_convertedContentThatArrivedThisMoment_nothingGoesUntilItRests() {
    Manifest original = cache.pulled(MIRROR, "v1");
    Manifest lazy = cache.publish(original);
    harbour.clock.advance(LEASE.plusHours(1));
    harbour.index().renew(lazy.view().layers().getFirst().digest());
    var image = harbour.stores().rocks().eviction().image(MIRROR, original.digest()).orElseThrow();

    assertThat(cache.evictor(1).drop(image)).isEmpty();
    assertThat(harbour.isWhole(MIRROR, original)).isTrue();
    assertThat(harbour.isWhole(MIRROR, lazy)).isTrue();

    cache.rest();
    assertThat(cache.evictor(1).drop(image)).get().returns(false, Evicted::convertedStays);
    assertThat(cache.isGone(MIRROR, original)).isTrue();
    assertThat(cache.isGone(MIRROR, lazy)).isTrue();
  }

  @Test
  void run_lazyViewWhoseOriginalWasEvicted_goesAfterItsLease() {
    Manifest original = cache.pulled(MIRROR, "v1");
    Manifest lazy = cache.publish(original);
    cache.rest();
    cache.evict(1);
    assertThat(harbour.isWhole(MIRROR, lazy)).isTrue();

    harbour.clock.advance(LEASE.plusHours(1));
    cache.evict(1);

    assertThat(cache.isGone(MIRROR, lazy)).isTrue();
    assertThat(harbour.conversions().lazyView(MIRROR, original.digest())).isEmpty();
  }

  @Test
  void run_imageThatWaitsForItsConversion_goesAfterAllOthersAndWithItsJob() {
    Manifest waiting = cache.pulled(MIRROR, "v1");
    Manifest other = cache.pulled(MIRROR, "v2");
    var job = ConversionJob.first(MIRROR, waiting.digest(), harbour.clock.instant());
    harbour.conversions().enqueue(job);

    cache.evict(4000);
    assertThat(harbour.isWhole(MIRROR, waiting)).isTrue();
    assertThat(cache.isGone(MIRROR, other)).isTrue();

    cache.evict(1);
    assertThat(cache.isGone(MIRROR, waiting)).isTrue();
    assertThat(harbour.conversions().jobs(ConversionJob.State.PENDING)).isEmpty();
  }
}
