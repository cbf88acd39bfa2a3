package io.lighter.storage.rocksdb;

import io.lighter.storage.BlobIndex;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.MetadataCheckpoint;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.StorageException;
import io.lighter.storage.UploadStore;
import io.lighter.storage.VerificationStore;
import java.nio.file.Path;

/**
 * One RocksDB and the stores in it. They share its writer, so that what they are told in an order
 * becomes durable in that order.
 *
 * <p>The stores are thread-safe and block; a store that is used after {@link #close} fails with
 * {@link StorageException.Unavailable}.
 */
public final class RocksStores implements AutoCloseable {
  private final RocksDatabase database;
  private final MetadataWriter writer;

  /**
   * Opens the database, which is created if it does not exist.
   *
   * @param directory where RocksDB has its files, and nobody else any
   * @param memory bytes that RocksDB may hold outside the heap, for blocks and write buffers
   *     together; 64 MiB serve a small cluster
   * @throws StorageException.Unavailable if another process has it open, or it cannot be opened
   * @throws StorageException.Corrupt if it is damaged
   */
  public RocksStores(Path directory, long memory) {
    database = RocksDatabase.open(directory, memory);
    writer = new MetadataWriter(database);
  }

  public BlobIndex blobIndex() {
    return new RocksBlobIndex(database, writer);
  }

  public MetadataStore metadata() {
    return new RocksMetadataStore(database, writer);
  }

  public UploadStore uploads() {
    return new RocksUploadStore(database, writer);
  }

  public ConversionStore conversions() {
    return new RocksConversionStore(database, writer);
  }

  public VerificationStore verification() {
    return new RocksVerificationStore(database, writer);
  }

  public MetadataCheckpoint checkpoint() {
    return new RocksCheckpoint(database);
  }

  /** Finishes the changes that were begun, then closes the database. */
  @Override
  public void close() {
    writer.close();
    database.close();
  }
}
