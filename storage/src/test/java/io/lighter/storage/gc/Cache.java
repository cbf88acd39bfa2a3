package io.lighter.storage.gc;

import static io.lighter.storage.gc.Harbour.MIRROR;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.Fixtures;
import io.lighter.storage.LayerConversion;
import io.lighter.storage.LazyViewPut;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.UploadId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a harbour has of upstreams, pulled whole, and the evictor that makes room among it. */
final class Cache {
  static final Duration LEASE = Duration.ofDays(7);

  /** Holds two images of {@link #pulled}, not three. */
  static final long TWO_IMAGES = 5600;

  final Disk disk = new Disk();
  private final Harbour harbour;

  Cache(Harbour harbour) {
    this.harbour = harbour;
  }

  /** An image of an upstream that was pulled whole, and rests since. */
  Manifest pulled(RepositoryName repository, String tag) {
    return pulled(repository, List.of(), tag);
  }

  Manifest pulled(RepositoryName repository, List<BlobInfo> shared, String... tags) {
    var layers = new ArrayList<>(shared);
    layers.add(harbour.store());
    Manifest image = harbour.image(harbour.store(), layers, Optional.empty());
    put(repository, image, tags);
    rest();
    return image;
  }

  void put(RepositoryName repository, Manifest manifest, String... tags) {
    harbour
        .metadata()
        .putManifest(harbour.putting(repository, manifest, RepositoryKind.MIRRORED, tags));
  }

  /** Converts the first layer and publishes the lazy view. */
  Manifest publish(Manifest original) {
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

  /** Lets time pass until nothing counts as used this moment. */
  void rest() {
    harbour.clock.advance(Evictor.QUIET.plusSeconds(1));
  }

  /** Makes room down to a capacity, and says which images went. */
  List<Evicted> evict(long capacity) {
    var evicted = new ArrayList<Evicted>();
    assertThat(evictor(capacity).run(evicted::add)).isPresent();
    return evicted;
  }

  Evictor evictor(long capacity) {
    return evictor(new CacheLimits(capacity, 0, 0, LEASE));
  }

  Evictor evictor(CacheLimits limits) {
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

  /** Whether nothing of an image is left: no manifest, no link, no bytes. */
  boolean isGone(RepositoryName repository, Manifest image) {
    return !harbour.hasManifest(repository, image)
        && Harbour.blobs(image)
            .allMatch(blob ->
                harbour.metadata().linkedBlob(repository, blob).isEmpty()
                    && !harbour.areHere(blob));
  }

  /** The bytes of all files of blobs, whatever the index says. */
  long filesOfBlobs() {
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
