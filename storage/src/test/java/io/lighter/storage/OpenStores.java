package io.lighter.storage;

import io.lighter.storage.local.FileBlobStore;
import io.lighter.storage.local.StoreDirectory;
import io.lighter.storage.rocksdb.RocksStores;
import java.nio.file.Path;

/** A whole local store, opened and closed in the order that a server does it. */
public final class OpenStores implements AutoCloseable {
  public static final long MEMORY = 16L << 20;

  private final StoreDirectory directory;
  private final RocksStores rocks;
  private final FileBlobStore blobs;

  public OpenStores(Path root) {
    directory = new StoreDirectory(root);
    rocks = new RocksStores(directory.layout().metadata(), MEMORY);
    blobs = new FileBlobStore(directory.layout(), rocks.blobIndex(), 8);
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
