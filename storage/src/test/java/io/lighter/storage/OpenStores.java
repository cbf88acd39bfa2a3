package io.lighter.storage;

import io.lighter.storage.local.FileBlobStore;
import io.lighter.storage.local.StoreDirectory;
import io.lighter.storage.rocksdb.RocksStores;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/** A whole local store, opened and closed in the order that a server does it. */
public final class OpenStores implements AutoCloseable {
  public static final long MEMORY = 16L << 20;

  /** Of the times that tests of garbage collection use. */
  public static final Duration LEASE_GRANULARITY = Duration.ofMinutes(1);

  private final StoreDirectory directory;
  private final RocksStores rocks;
  private final FileBlobStore blobs;

  public OpenStores(Path root) {
    this(root, Clock.systemUTC());
  }

  public OpenStores(Path root, Clock clock) {
    directory = new StoreDirectory(root);
    rocks = new RocksStores(directory.layout().metadata(), MEMORY, clock, LEASE_GRANULARITY);
    blobs = new FileBlobStore(directory.layout(), rocks.blobIndex(), 8);
  }

  /** RocksDB alone. */
  public static RocksStores rocks(Path directory) {
    return new RocksStores(directory, MEMORY, Clock.systemUTC(), LEASE_GRANULARITY);
  }

  public FileBlobStore blobs() {
    return blobs;
  }

  public RocksStores rocks() {
    return rocks;
  }

  @Override
  public void close() {
    blobs.close();
    rocks.close();
    directory.close();
  }
}
