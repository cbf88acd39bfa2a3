package io.lighter.storage.local;

import io.lighter.storage.BlobStore;
import io.lighter.storage.BlobWriterContract;
import io.lighter.storage.OpenStores;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class FileBlobStoreUploadsTest extends BlobWriterContract {
  @TempDir Path root;
  private OpenStores stores;

  @BeforeEach
  void open() {
    stores = new OpenStores(root);
  }

  @AfterEach
  void close() {
    stores.close();
  }

  @Override
  protected BlobStore store() {
    return stores.blobs();
  }

  @Override
  protected void reopen() {
    close();
    open();
  }
}
