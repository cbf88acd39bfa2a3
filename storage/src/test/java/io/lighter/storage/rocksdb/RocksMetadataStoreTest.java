package io.lighter.storage.rocksdb;

import io.lighter.storage.BlobIndex;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.MetadataStoreContract;
import io.lighter.storage.OpenStores;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class RocksMetadataStoreTest extends MetadataStoreContract {
  @TempDir Path directory;
  private RocksStores stores;

  @BeforeEach
  void open() {
    stores = OpenStores.rocks(directory);
  }

  @AfterEach
  void close() {
    stores.close();
  }

  @Override
  protected MetadataStore metadata() {
    return stores.metadata();
  }

  @Override
  protected BlobIndex blobs() {
    return stores.blobIndex();
  }

  @Override
  protected void reopen() {
    close();
    open();
  }
}
