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

  RocksBlobIndex(RocksDatabase database, MetadataWriter writer, RocksLeases leases) {
    this.database = database;
    this.writer = writer;
    this.leases = leases;
  }

  @Override
  public Optional<BlobInfo> find(Digest digest) {
    return stored(database, digest).map(blob -> new BlobInfo(digest, blob.size()));
  }

  @Override
  public void add(BlobInfo blob) {
    writer.run(changes -> {
      if (renew(changes, blob.digest()).isEmpty()) {
        put(changes, blob.digest(), new StoredBlob(blob.size(), leases.now()));
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
    Optional<StoredBlob> stored = stored(changes, digest);
    Instant now = leases.now();
    stored
        .filter(blob -> !now.isBefore(blob.committedAt().plus(leases.granularity())))
        .ifPresent(blob -> put(changes, digest, new StoredBlob(blob.size(), now)));
    return stored.map(blob -> new BlobInfo(digest, blob.size()));
  }

  private static Optional<StoredBlob> stored(View view, Digest digest) {
    return view.get(Family.BLOBS, Keys.blob(digest)).map(Records::blob);
  }

  private static void put(Changes changes, Digest digest, StoredBlob blob) {
    changes.put(Family.BLOBS, Keys.blob(digest), Records.blob(blob));
  }

  @Override
  public boolean remove(Digest digest) {
    byte[] key = Keys.blob(digest);
    return writer.apply(changes -> {
      boolean present = changes.has(Family.BLOBS, key);
      if (present) {
        changes.delete(Family.BLOBS, key);
      }
      return present;
    });
  }

  @Override
  public void markDamaged(BlobInfo blob) {
    writer.run(changes -> {
      changes.delete(Family.BLOBS, Keys.blob(blob.digest()));
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
