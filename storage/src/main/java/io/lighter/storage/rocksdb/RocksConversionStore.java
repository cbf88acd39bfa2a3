package io.lighter.storage.rocksdb;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.LayerConversion;
import io.lighter.storage.LazyViewPut;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What conversion knows and has yet to do, in RocksDB. */
final class RocksConversionStore implements ConversionStore {
  private final RocksDatabase database;
  private final MetadataWriter writer;

  RocksConversionStore(RocksDatabase database, MetadataWriter writer) {
    this.database = database;
    this.writer = writer;
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
        changes.put(Family.CONVERSIONS, key, Records.conversion(result));
      }
      return recorded.orElse(result);
    });
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
      var manifests = new ManifestChanges(changes);
      put.manifests().forEach(manifests::put);
      changes.put(
          Family.LAZY_VIEWS,
          Keys.lazyView(put.repository(), put.original()),
          Records.lazyView(put.lazy()));
      return Optional.of(put.lazy());
    });
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
