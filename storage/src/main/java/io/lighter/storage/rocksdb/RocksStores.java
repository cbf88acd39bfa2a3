package io.lighter.storage.rocksdb;

import io.lighter.storage.BlobIndex;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.Leases;
import io.lighter.storage.MetadataCheckpoint;
import io.lighter.storage.MetadataStatistics;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.PrefetchListStore;
import io.lighter.storage.StorageException;
import io.lighter.storage.UploadStore;
import io.lighter.storage.VerificationStore;
import io.lighter.storage.gc.EvictionIndex;
import io.lighter.storage.gc.GarbageIndex;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One RocksDB and the stores in it. They share its writer, so that what they are told in an order
 * becomes durable in that order.
 *
 * <p>The stores are thread-safe and block; a store that is used after {@link #close} fails with
 * {@link StorageException.Unavailable}.
 */
public final class RocksStores implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RocksStores.class);

  private final RocksDatabase database;
  private final MetadataWriter writer;
  private final RocksLeases leases;
  private final RecentCommits recent;

  /**
   * Opens the database, which is created if it does not exist.
   *
   * @param directory where RocksDB has its files, and nobody else any
   * @param memory bytes that RocksDB may hold outside the heap, for blocks and write buffers
   *     together; 64 MiB serve a small cluster
   * @param clock what leases are measured with
   * @param leaseGranularity how much older than the last use a lease may be in the database; see
   *     {@link io.lighter.storage.gc.KeepTimes#granularity}
   * @throws StorageException.Unavailable if another process has it open, or it cannot be opened
   * @throws StorageException.Corrupt if it is damaged
   */
  public RocksStores(Path directory, long memory, Clock clock, Duration leaseGranularity) {
    database = RocksDatabase.open(directory, memory);
    writer = new MetadataWriter(database);
    leases = new RocksLeases(database, writer, clock, leaseGranularity);
    recent = new RecentCommits(clock);
    if (!database.has(Family.USE, Keys.use())) {
      writer.run(changes -> new BlobChanges(changes).countAll());
    }
    if (!database.has(Family.USE, Keys.namespacesCounted())) {
      writer.run(changes -> new NamespaceUse(changes).countAll());
    }
  }

  public BlobIndex blobIndex() {
    return new RocksBlobIndex(database, writer, leases, recent);
  }

  public MetadataStore metadata() {
    return new RocksMetadataStore(database, writer, leases);
  }

  public UploadStore uploads() {
    return new RocksUploadStore(database, writer);
  }

  public ConversionStore conversions() {
    return new RocksConversionStore(database, writer, leases);
  }

  public PrefetchListStore prefetchLists() {
    return new RocksPrefetchLists(database, writer);
  }

  public VerificationStore verification() {
    return new RocksVerificationStore(database, writer, leases);
  }

  public MetadataCheckpoint checkpoint() {
    return new RocksCheckpoint(database);
  }

  public MetadataStatistics statistics() {
    return new RocksStatistics(database, writer);
  }

  public Leases leases() {
    return leases;
  }

  public GarbageIndex garbage() {
    return new RocksGarbageIndex(database, writer, leases);
  }

  public EvictionIndex eviction() {
    return new RocksEvictionIndex(database, leases, recent);
  }

  /** Writes the leases, finishes the changes that were begun, then closes the database. */
  @Override
  public void close() {
    try {
      leases.flush();
    } catch (StorageException e) {
      LOG.warn("the last leases were not written", e);
    }
    writer.close();
    database.close();
  }
}
