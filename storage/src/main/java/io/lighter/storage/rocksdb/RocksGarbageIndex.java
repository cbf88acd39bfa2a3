package io.lighter.storage.rocksdb;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.gc.Garbage;
import io.lighter.storage.gc.GarbageIndex;
import io.lighter.storage.gc.KeepTimes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Garbage in RocksDB. */
final class RocksGarbageIndex implements GarbageIndex {
  private static final int LEASE_BATCH = 500;

  private final RocksDatabase database;
  private final MetadataWriter writer;
  private final RocksLeases leases;

  RocksGarbageIndex(RocksDatabase database, MetadataWriter writer, RocksLeases leases) {
    this.database = database;
    this.writer = writer;
    this.leases = leases;
  }

  @Override
  public void writeLeases() {
    leases.flush();
  }

  @Override
  public void dropEndedLeases(KeepTimes times) {
    var ended = new ArrayList<byte[]>();
    Pages.forEach(
        database,
        Family.LEASES,
        Keys.all(),
        entry -> {
          if (hasEnded(entry.value(), times)) {
            ended.add(entry.key());
          }
          if (ended.size() == LEASE_BATCH) {
            dropLeases(ended, times);
            ended.clear();
          }
        });
    dropLeases(ended, times);
  }

  private void dropLeases(List<byte[]> keys, KeepTimes times) {
    writer.run(changes -> {
      for (byte[] key : keys) {
        changes
            .get(Family.LEASES, key)
            .filter(value -> hasEnded(value, times))
            .ifPresent(_ -> changes.delete(Family.LEASES, key));
      }
    });
  }

  /** As if it were of a mirrored repository, where leases are longest. */
  private boolean hasEnded(byte[] lease, KeepTimes times) {
    return !Records.lease(lease)
        .holds(RepositoryKind.MIRRORED, times, leases.granularity(), leases.now());
  }

  @Override
  public void scan(Kind kind, KeepTimes times, boolean ahead, Consumer<Garbage> found) {
    var scan = new GarbageScan(database, new Liveness(database, leases, times), ahead, found);
    switch (kind) {
      case MANIFEST -> scan.manifests();
      case LAZY_VIEW -> scan.lazyViews();
      case LINK -> scan.links();
      case CONVERSION -> scan.conversions();
      case BLOB -> scan.blobs();
    }
  }

  @Override
  public List<Garbage> remove(List<Garbage> candidates, KeepTimes times, Runnable removed) {
    Set<RocksLeases.Key> victims = victims(candidates, times);
    return leases.condemning(
        victims,
        changes -> {
          var removal =
              new GarbageRemoval(
                  changes,
                  new Liveness(changes, leases, times),
                  new ManifestChanges(changes, leases),
                  victims);
          candidates.forEach(removal::remove);
          return removal.gone();
        },
        removed);
  }

  private Set<RocksLeases.Key> victims(List<Garbage> candidates, KeepTimes times) {
    var liveness = new Liveness(database, leases, times);
    Set<RocksLeases.Key> victims = new HashSet<>();
    for (Garbage candidate : candidates) {
      switch (candidate) {
        case Garbage.Manifest m -> add(liveness, m.repository(), m.digest(), victims);
        case Garbage.Link l -> add(liveness, l.repository(), l.digest(), victims);
        // Clients are never told of these by themselves.
        case Garbage.LazyView _,
            Garbage.Conversion _,
            Garbage.Blob _,
            Garbage.UnknownFile _,
            Garbage.UnknownUpload _ -> {}
      }
    }
    return victims;
  }

  private static void add(
      Liveness liveness, RepositoryName repository, Digest digest, Set<RocksLeases.Key> victims) {
    for (Digest dead : liveness.deadWith(repository, digest).orElse(Set.of())) {
      victims.add(new RocksLeases.Key(repository, dead));
    }
  }

  @Override
  public boolean doomUnlisted(Digest digest, long bytes) {
    byte[] key = Keys.blob(digest);
    return writer.apply(changes -> {
      if (changes.has(Family.BLOBS, key)) {
        return false;
      }
      // An entry whose write failed may still be in the log of the database; this comes after it.
      changes.delete(Family.BLOBS, key);
      changes.put(Family.DOOMED, key, Records.size(bytes));
      return true;
    });
  }

  @Override
  public List<Garbage.Blob> doomed(int limit) {
    return database.scan(Family.DOOMED, Keys.all(), Keys.all(), limit).stream()
        .map(
            entry -> new Garbage.Blob(Keys.leadingDigest(entry.key()), Records.size(entry.value())))
        .toList();
  }
}
