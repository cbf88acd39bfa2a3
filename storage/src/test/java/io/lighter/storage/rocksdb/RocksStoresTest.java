package io.lighter.storage.rocksdb;

import static io.lighter.storage.Fixtures.digest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.RepositoryName;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.OpenStores;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.StorageException;
import io.lighter.storage.gc.StoreUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

class RocksStoresTest {
  @TempDir Path directory;

  @Test
  void open_inUse_unavailable() {
    try (var _ = OpenStores.rocks(directory)) {
      assertThatThrownBy(() -> OpenStores.rocks(directory))
          .isInstanceOf(StorageException.Unavailable.class)
          .hasMessageContaining(directory.toString())
          .hasMessageContaining("lock");
    }
  }

  @Test
  void open_currentFileDamaged_corrupt() throws IOException {
    OpenStores.rocks(directory).close();
    Files.writeString(directory.resolve("CURRENT"), "nonsense");

    assertThatThrownBy(() -> OpenStores.rocks(directory))
        .isInstanceOf(StorageException.Corrupt.class)
        .hasMessageContaining(directory.toString());
  }

  @Test
  void open_currentFileLost_corruptAndNothingIsLostWithIt() throws IOException {
    var blob = new BlobInfo(digest(1), 7);
    try (var stores = OpenStores.rocks(directory)) {
      stores.blobIndex().add(blob);
    }
    Path current = directory.resolve("CURRENT");
    byte[] content = Files.readAllBytes(current);
    Files.delete(current);

    assertThatThrownBy(() -> OpenStores.rocks(directory))
        .isInstanceOf(StorageException.Corrupt.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining("CURRENT");

    Files.write(current, content);
    try (var stores = OpenStores.rocks(directory)) {
      assertThat(stores.blobIndex().find(digest(1))).contains(blob);
    }
  }

  @Test
  void blobIndex_addRemove_durable() {
    var blob = new BlobInfo(digest(1), 7_000_000_000L);
    try (var stores = OpenStores.rocks(directory)) {
      stores.blobIndex().add(blob);
      stores.blobIndex().add(new BlobInfo(digest(1), 1));
      stores.blobIndex().add(new BlobInfo(digest(2), 2));
      assertThat(stores.blobIndex().remove(digest(2))).isTrue();
      assertThat(stores.blobIndex().remove(digest(2))).isFalse();
    }
    try (var stores = OpenStores.rocks(directory)) {
      assertThat(stores.blobIndex().find(digest(1))).contains(blob);
      assertThat(stores.blobIndex().find(digest(2))).isEmpty();
    }
  }

  @Test
  void open_storeThatKeptNoSum_countsItsBlobs() {
    var hosted = new BlobInfo(digest(1), 1000);
    var cached = new BlobInfo(digest(2), 20);
    try (var stores = OpenStores.rocks(directory)) {
      stores.blobIndex().add(hosted);
      stores.blobIndex().add(cached);
      stores.metadata().linkBlob(new RepositoryName("team/app"), RepositoryKind.HOSTED, hosted);
    }
    try (var database = RocksDatabase.open(directory, OpenStores.MEMORY);
        var writer = new MetadataWriter(database)) {
      writer.run(changes -> changes.delete(Family.USE, Keys.use()));
    }

    try (var stores = OpenStores.rocks(directory)) {
      assertThat(stores.eviction().use()).isEqualTo(new StoreUse(20, 1000));
    }
  }

  @Test
  void use_afterClose_unavailable() {
    var stores = OpenStores.rocks(directory);
    var index = stores.blobIndex();
    stores.close();
    stores.close();

    assertThatThrownBy(() -> index.find(digest(1)))
        .isInstanceOf(StorageException.Unavailable.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> index.add(new BlobInfo(digest(1), 1)))
        .isInstanceOf(StorageException.Unavailable.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> stores.uploads().all())
        .isInstanceOf(StorageException.Unavailable.class);
  }

  @Test
  void failures_byStatus_mapped() {
    assertThat(mapped(Status.Code.IOError, Status.SubCode.NoSpace))
        .isInstanceOf(StorageException.OutOfSpace.class)
        .hasMessageContaining("cannot try it");
    assertThat(mapped(Status.Code.Corruption, Status.SubCode.None))
        .isInstanceOf(StorageException.Corrupt.class);
    assertThat(mapped(Status.Code.IOError, Status.SubCode.None))
        .isInstanceOf(StorageException.Unavailable.class);
    assertThat(RocksFailures.of("try it", new RocksDBException("no status")))
        .isInstanceOf(StorageException.Unavailable.class);
  }

  private static StorageException mapped(Status.Code code, Status.SubCode subCode) {
    return RocksFailures.of("try it", new RocksDBException(new Status(code, subCode, "state")));
  }
}
