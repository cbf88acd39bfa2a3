package io.lighter.storage.rocksdb;

import io.lighter.oci.Digest;
import io.lighter.storage.BlobIndex;
import io.lighter.storage.BlobInfo;
import java.time.Instant;
import java.util.Optional;

/** The index of blobs in RocksDB. */
final class RocksBlobIndex implements BlobIndex {
  private final RocksDatabase database;
  private final MetadataWriter writer;
  private final RocksLeases leases;
  private final RecentCommits recent;

  RocksBlobIndex(
      RocksDatabase database, MetadataWriter writer, RocksLeases leases, RecentCommits recent) {
    this.database = database;
    this.writer = writer;
    this.leases = leases;
    this.recent = recent;
  }

  @Override
  public Optional<BlobInfo> find(Digest digest) {
    return database
        .get(Family.BLOBS, Keys.blob(digest))
        .map(Records::blob)
        .map(blob -> new BlobInfo(digest, blob.size()));
  }

  @Override
  public void add(BlobInfo blob) {
    writer.run(changes -> {
      if (renew(changes, blob.digest()).isEmpty()) {
        new BlobChanges(changes).put(blob.digest(), new StoredBlob(blob.size(), leases.now()));
        changes.delete(Family.DOOMED, Keys.blob(blob.digest()));
        changes.delete(Family.DAMAGED, Keys.damaged(blob.digest()));
      }
    });
  }

  @Override
  public Optional<BlobInfo> renew(Digest digest) {
    // Most blobs are new, and then there is nothing to renew: no need to wait for the writer.
    return find(digest).isEmpty()
        ? Optional.empty()
        : writer.apply(changes -> renew(changes, digest));
  }

  private Optional<BlobInfo> renew(Changes changes, Digest digest) {
    recent.note(digest);
    var blobs = new BlobChanges(changes);
    Optional<StoredBlob> stored = blobs.find(digest);
    Instant now = leases.now();
    stored
        .filter(blob -> !now.isBefore(blob.committedAt().plus(leases.granularity())))
        .ifPresent(blob -> blobs.put(digest, new StoredBlob(blob.size(), now)));
    return stored.map(blob -> new BlobInfo(digest, blob.size()));
  }

  @Override
  public boolean remove(Digest digest) {
    return writer.apply(changes -> new BlobChanges(changes).remove(digest).isPresent());
  }

  @Override
  public void markDamaged(BlobInfo blob) {
    writer.run(changes -> {
      new BlobChanges(changes).remove(blob.digest());
      changes.put(Family.DAMAGED, Keys.damaged(blob.digest()), Records.size(blob.size()));
    });
  }

  @Override
  public boolean isDamaged(Digest digest) {
    return database.has(Family.DAMAGED, Keys.damaged(digest));
  }

  @Override
  public boolean isDoomed(Digest digest) {
    return database.has(Family.DOOMED, Keys.blob(digest));
  }

  @Override
  public void buried(Digest digest) {
    writer.run(changes -> changes.delete(Family.DOOMED, Keys.blob(digest)));
  }
}
