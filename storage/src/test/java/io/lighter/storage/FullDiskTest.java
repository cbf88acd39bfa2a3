package io.lighter.storage;

import static io.lighter.storage.Fixtures.bytes;
import static io.lighter.storage.Fixtures.commit;
import static io.lighter.storage.Fixtures.image;
import static io.lighter.storage.Fixtures.put;
import static io.lighter.storage.Fixtures.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What happens on a real disk that is full. The property {@code lighter.test.smallDisk} names an
 * empty directory on a file system of 32 to 128 MiB that nothing else uses; making one takes root's
 * rights: {@code mount -t tmpfs -o size=64m none DIRECTORY}.
 */
@EnabledIfSystemProperty(named = FullDiskTest.PROPERTY, matches = ".+")
class FullDiskTest {
  static final String PROPERTY = "lighter.test.smallDisk";

  private static final RepositoryName REPOSITORY = new RepositoryName("full/disk");
  private Path disk;
  private Path ballast;

  @BeforeEach
  void name() {
    disk = Path.of(System.getProperty(PROPERTY));
    ballast = disk.resolve("ballast");
  }

  @Test
  void full_blobsAndMetadata_refusedThenAcceptedWhenThereIsRoom() throws IOException {
    Path root = disk.resolve("store");
    var blobs = new ArrayList<Digest>();
    var images = new ArrayList<Integer>();
    try (var stores = new OpenStores(root)) {
      store(stores, 1, blobs, images);

      fill();
      assertThatThrownBy(() -> commit(stores.blobs(), bytes(2, 1_000_000)))
          .isInstanceOf(StorageException.OutOfSpace.class);
      assertThatThrownBy(() -> putUntilItFails(stores, images))
          .isInstanceOf(StorageException.OutOfSpace.class);
      assertReadable(stores, blobs, images);

      Files.delete(ballast);
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptionsInstanceOf(StorageException.OutOfSpace.class)
          .untilAsserted(() -> store(stores, 3, blobs, images));
      assertReadable(stores, blobs, images);
    }
    try (var stores = new OpenStores(root)) {
      assertReadable(stores, blobs, images);
    }
  }

  private static void store(
      OpenStores stores, int number, List<Digest> blobs, List<Integer> images) {
    byte[] content = bytes(number, 1_000_000);
    commit(stores.blobs(), content);
    stores.rocks().metadata().putManifest(put(REPOSITORY, image(number), "v" + number));
    blobs.add(Digest.ofSha256(content));
    images.add(number);
  }

  /** RocksDB's log may have room left in its last block; it does not hold for long. */
  private static void putUntilItFails(OpenStores stores, List<Integer> images) {
    for (int number = 1000; number < 100_000; number++) {
      stores.rocks().metadata().putManifest(put(REPOSITORY, image(number), "v" + number));
      images.add(number);
    }
  }

  private static void assertReadable(OpenStores stores, List<Digest> blobs, List<Integer> images) {
    for (Digest digest : blobs) {
      try (var source = stores.blobs().open(digest)) {
        assertThat(Digest.ofSha256(readAll(source))).isEqualTo(digest);
      }
    }
    for (int number : images) {
      assertThat(stores.rocks().metadata().manifest(REPOSITORY, image(number).digest()))
          .contains(image(number));
    }
  }

  private void fill() throws IOException {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(ballast)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left on device");
    }
  }
}
