package io.lighter.storage.rocksdb;

import io.lighter.oci.Digest;
import io.lighter.storage.BlobIndex;
import io.lighter.storage.BlobInfo;
import java.util.Optional;

/** The index of blobs in RocksDB. */
final class RocksBlobIndex implements BlobIndex {
  private final RocksDatabase database;
  private final MetadataWriter writer;

  RocksBlobIndex(RocksDatabase database, MetadataWriter writer) {
    this.database = database;
    this.writer = writer;
  }

  @Override
  public Optional<BlobInfo> find(Digest digest) {
    return database
        .get(Family.BLOBS, Keys.blob(digest))
        .map(value -> new BlobInfo(digest, Records.size(value)));
  }

  @Override
  public void add(BlobInfo blob) {
    byte[] key = Keys.blob(blob.digest());
    writer.apply(changes -> {
      boolean absent = !changes.has(Family.BLOBS, key);
      if (absent) {
        changes.put(Family.BLOBS, key, Records.size(blob.size()));
        changes.delete(Family.DAMAGED, Keys.damaged(blob.digest()));
      }
      return absent;
    });
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
}
