package io.lighter.storage.rocksdb;

import io.lighter.storage.OpenStores;
import io.lighter.storage.UploadStore;
import io.lighter.storage.UploadStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class RocksUploadStoreTest extends UploadStoreContract {
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
  protected UploadStore uploads() {
    return stores.uploads();
  }

  @Override
  protected void reopen() {
    close();
    open();
  }
}
