package io.lighter.storage.rocksdb;

import io.lighter.storage.UploadId;
import io.lighter.storage.UploadRecord;
import io.lighter.storage.UploadStore;
import java.util.List;
import java.util.Optional;

/** Open uploads in RocksDB. */
final class RocksUploadStore implements UploadStore {
  private final RocksDatabase database;
  private final MetadataWriter writer;

  RocksUploadStore(RocksDatabase database, MetadataWriter writer) {
    this.database = database;
    this.writer = writer;
  }

  @Override
  public void put(UploadRecord upload) {
    writer.run(
        changes -> changes.put(Family.UPLOADS, Keys.upload(upload.id()), Records.upload(upload)));
  }

  @Override
  public Optional<UploadRecord> find(UploadId id) {
    byte[] key = Keys.upload(id);
    return database.get(Family.UPLOADS, key).map(value -> Records.upload(key, value));
  }

  @Override
  public boolean remove(UploadId id) {
    byte[] key = Keys.upload(id);
    return writer.apply(changes -> {
      boolean present = changes.has(Family.UPLOADS, key);
      if (present) {
        changes.delete(Family.UPLOADS, key);
      }
      return present;
    });
  }

  @Override
  public List<UploadRecord> all() {
    return database.scan(Family.UPLOADS, Keys.all()).stream()
        .map(entry -> Records.upload(entry.key(), entry.value()))
        .toList();
  }
}
