package io.lighter.storage.rocksdb;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.LayerConversion;
import io.lighter.storage.LazyViewPut;
import io.lighter.storage.ManifestPut;
import io.lighter.storage.StorageException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What conversion knows and has yet to do, in RocksDB. */
final class RocksConversionStore implements ConversionStore {
  private final RocksDatabase database;
  private final MetadataWriter writer;
  private final RocksLeases leases;

  RocksConversionStore(RocksDatabase database, MetadataWriter writer, RocksLeases leases) {
    this.database = database;
    this.writer = writer;
    this.leases = leases;
  }

  @Override
  public Optional<LayerConversion> layer(Digest source, String recipe) {
    return database
        .get(Family.CONVERSIONS, Keys.conversion(source, recipe))
        .map(Records::conversion);
  }

  @Override
  public LayerConversion recordLayer(Digest source, String recipe, LayerConversion result) {
    byte[] key = Keys.conversion(source, recipe);
    return writer.apply(changes -> {
      var recorded = changes.get(Family.CONVERSIONS, key).map(Records::conversion);
      if (recorded.isEmpty()) {
        recordFirst(changes, source, recipe, result);
      }
      return recorded.orElse(result);
    });
  }

  private static void recordFirst(
      Changes changes, Digest source, String recipe, LayerConversion result) {
    switch (result) {
      case LayerConversion.Converted converted -> {
        Digest blob = converted.blob().digest();
        if (!changes.has(Family.BLOBS, Keys.blob(blob))) {
          throw new StorageException.BlobMissing(blob);
        }
        changes.put(Family.RESULTS, Keys.result(blob, source, recipe), Records.EMPTY);
        changes.put(Family.CONVERTED, Keys.converted(blob), Records.EMPTY);
      }
      case LayerConversion.Unconvertible _ -> {}
    }
    changes.put(Family.CONVERSIONS, Keys.conversion(source, recipe), Records.conversion(result));
  }

  @Override
  public Optional<Digest> lazyView(RepositoryName repository, Digest original) {
    // A view whose manifest was deleted is none: the tag would lead nowhere.
    return database
        .get(Family.LAZY_VIEWS, Keys.lazyView(repository, original))
        .map(Records::lazyView)
        .filter(lazy -> database.has(Family.MANIFESTS, Keys.manifest(repository, lazy)));
  }

  @Override
  public Optional<Digest> publish(LazyViewPut put) {
    if (put.manifests().stream().noneMatch(m -> m.manifest().digest().equals(put.lazy()))) {
      throw new IllegalArgumentException(
          "the lazy view %s is not among the manifests to publish".formatted(put.lazy()));
    }
    return writer.apply(changes -> {
      boolean there =
          changes.has(Family.MANIFESTS, Keys.manifest(put.repository(), put.original()));
      changes.delete(Family.JOBS, Keys.job(put.repository(), put.original()));
      if (!there) {
        return Optional.empty();
      }
      put.manifests().forEach(manifest -> requireBlobs(changes, manifest));
      put.manifests().forEach(manifest -> markConfig(changes, manifest));
      var manifests = new ManifestChanges(changes, leases);
      put.manifests().forEach(manifests::put);
      put.manifests()
          .forEach(made ->
              changes.put(
                  Family.CONVERTED, Keys.converted(made.manifest().digest()), Records.EMPTY));
      manifests.setLazyView(put.repository(), put.original(), put.lazy());
      return Optional.of(put.lazy());
    });
  }

  /**
   * Before it is linked, so that it does not count as pushed. Somebody may have pushed the same.
   */
  private static void markConfig(Changes changes, ManifestPut put) {
    put.view()
        .config()
        .map(Descriptor::digest)
        .filter(config -> !changes.any(Family.HOLDERS, Keys.holders(config)))
        .ifPresent(config -> changes.put(Family.CONVERTED, Keys.converted(config), Records.EMPTY));
  }

  /** Nobody but us has converted layers, so a link to one that is gone would never be served. */
  private static void requireBlobs(Changes changes, ManifestPut put) {
    for (Descriptor blob : put.advertised()) {
      if (!changes.has(Family.LINKS, Keys.link(put.repository(), blob.digest()))
          && !changes.has(Family.BLOBS, Keys.blob(blob.digest()))) {
        throw new StorageException.ContentMissing(put.repository(), blob.digest());
      }
    }
  }

  @Override
  public boolean enqueue(ConversionJob job) {
    byte[] key = Keys.job(job.repository(), job.image());
    return writer.apply(changes -> {
      boolean wanted = !changes.has(Family.JOBS, key);
      if (wanted) {
        changes.put(Family.JOBS, key, Records.job(job));
      }
      return wanted;
    });
  }

  @Override
  public void update(ConversionJob job) {
    byte[] key = Keys.job(job.repository(), job.image());
    writer.run(changes -> {
      if (changes.has(Family.JOBS, key)) {
        changes.put(Family.JOBS, key, Records.job(job));
      }
    });
  }

  @Override
  public void drop(ConversionJob job) {
    writer.run(changes -> changes.delete(Family.JOBS, Keys.job(job.repository(), job.image())));
  }

  @Override
  public List<ConversionJob> jobs(ConversionJob.State state) {
    return database.scan(Family.JOBS, Keys.all()).stream()
        .map(entry -> Records.job(entry.value()))
        .filter(job -> job.state() == state)
        .sorted(Comparator.comparing(ConversionJob::enqueuedAt))
        .toList();
  }
}
