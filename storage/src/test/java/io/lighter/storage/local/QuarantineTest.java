package io.lighter.storage.local;

import static io.lighter.storage.Fixtures.bytes;
import static io.lighter.storage.Fixtures.commit;
import static io.lighter.storage.Fixtures.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobQuarantine.Loss;
import io.lighter.storage.OpenStores;
import io.lighter.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuarantineTest {
  private static final byte[] CONTENT = bytes(3, 3_000_001);

  @TempDir Path root;
  private OpenStores stores;
  private BlobLayout layout;
  private BlobInfo blob;

  @BeforeEach
  void open() {
    stores = new OpenStores(root);
    layout = new BlobLayout(root);
    blob = commit(stores.blobs(), CONTENT);
  }

  @AfterEach
  void close() {
    stores.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 1 << 20, (1 << 20) + 1})
  void defect_wholeBlobOfAnySize_none(int size) {
    BlobInfo whole = commit(stores.blobs(), bytes(size, size));
    var read = new AtomicLong();

    assertThat(stores.blobs().defect(whole, read::addAndGet)).isEmpty();
    assertThat(read).hasValue(size);
  }

  @Test
  void defect_oneBitFlipped_named() throws IOException {
    damage();

    assertThat(stores.blobs().defect(blob, _ -> {}))
        .hasValueSatisfying(
            defect -> assertThat(defect).startsWith("the content has digest sha256:"));
  }

  @Test
  void defect_shortOrMissingFile_named() throws IOException {
    Path file = layout.blob(blob.digest());
    Files.write(file, bytes(3, 10));
    assertThat(stores.blobs().defect(blob, _ -> {})).contains("the file has 10 bytes, not 3000001");

    Files.delete(file);
    assertThat(stores.blobs().defect(blob, _ -> {})).contains("the file is missing");
  }

  @Test
  void setAside_remember_damagedUntilItComesAgain() throws IOException {
    stores.blobs().open(blob.digest()).close();
    byte[] damaged = damage();
    assertThat(stores.blobs().tryOpen(blob.digest())).hasValueSatisfying(source -> source.close());

    assertThat(stores.blobs().setAside(blob, Loss.REMEMBER)).isTrue();

    assertThat(stores.blobs().tryOpen(blob.digest())).isEmpty();
    assertThat(stores.blobs().stat(blob.digest())).isEmpty();
    assertDamaged();
    assertThat(quarantined()).isEqualTo(damaged);
    close();
    stores = new OpenStores(root);
    assertDamaged();

    commit(stores.blobs(), CONTENT);
    assertReadable();
    assertThat(stores.rocks().blobIndex().isDamaged(blob.digest())).isFalse();
    close();
    stores = new OpenStores(root);
    assertReadable();
  }

  @Test
  void setAside_forget_asIfItHadNeverBeenThere() throws IOException {
    damage();

    assertThat(stores.blobs().setAside(blob, Loss.FORGET)).isTrue();

    assertThatThrownBy(() -> stores.blobs().open(blob.digest()))
        .isInstanceOf(StorageException.BlobMissing.class);
    assertThat(layout.blob(blob.digest())).doesNotExist();
  }

  @Test
  void setAside_fileIsGone_damaged() throws IOException {
    Files.delete(layout.blob(blob.digest()));

    assertThat(stores.blobs().setAside(blob, Loss.REMEMBER)).isTrue();

    assertDamaged();
  }

  @Test
  void setAside_whole_staysInService() {
    assertThat(stores.blobs().setAside(blob, Loss.REMEMBER)).isFalse();
    assertReadable();
  }

  @Test
  void setAside_deletedMeanwhile_staysDeleted() {
    stores.blobs().delete(blob.digest());

    assertThat(stores.blobs().setAside(blob, Loss.REMEMBER)).isFalse();
    assertThat(stores.rocks().blobIndex().isDamaged(blob.digest())).isFalse();
  }

  @Test
  void withoutRemovals_deletion_waitsAndReadersDoNot() throws Exception {
    var begun = new CountDownLatch(1);
    var deletion =
        new FutureTask<>(() -> {
          begun.countDown();
          return stores.blobs().delete(blob.digest());
        });
    stores
        .blobs()
        .withoutRemovals(() -> {
          Thread.ofPlatform().start(deletion);
          await(begun);
          assertThatThrownBy(() -> deletion.get(200, TimeUnit.MILLISECONDS))
              .isInstanceOf(TimeoutException.class);
          assertReadable();
          assertThat(commit(stores.blobs(), bytes(4, 10)).size()).isEqualTo(10);
        });

    assertThat(deletion.get(10, TimeUnit.SECONDS)).isTrue();
    assertThat(layout.blob(blob.digest())).doesNotExist();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void assertReadable() {
    try (var source = stores.blobs().open(blob.digest())) {
      assertThat(readAll(source)).isEqualTo(CONTENT);
    }
  }

  private void assertDamaged() {
    assertThatThrownBy(() -> stores.blobs().open(blob.digest()))
        .isInstanceOf(StorageException.BlobDamaged.class)
        .hasMessageContaining("push it again");
  }

  private byte[] damage() throws IOException {
    Path file = layout.blob(blob.digest());
    byte[] content = CONTENT.clone();
    content[2_000_000] ^= 1;
    // In place, as a disk does it: whoever has the file open sees it too.
    try (var out = Files.newOutputStream(file, StandardOpenOption.WRITE)) {
      out.write(content);
    }
    return content;
  }

  private byte[] quarantined() throws IOException {
    try (Stream<Path> files = Files.list(layout.quarantine())) {
      return Files.readAllBytes(files.findFirst().orElseThrow());
    }
  }
}
