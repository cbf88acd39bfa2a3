package io.lighter.storage.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.storage.BlobStore;
import io.lighter.storage.Extent;
import io.lighter.storage.Fixtures;
import io.lighter.storage.OpenStores;
import io.lighter.storage.PartialBlobContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilePartialBlobTest extends PartialBlobContract {
  @TempDir Path root;
  private OpenStores stores;
  private BlobLayout layout;

  @BeforeEach
  void open() {
    stores = new OpenStores(root);
    layout = new BlobLayout(root);
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

  @Test
  void commit_leavesNoFileButTheBlob() {
    try (var blob = store().openPartial(DIGEST, SIZE)) {
      write(blob, new Extent(0, SIZE));
      blob.commit();
    }
    assertThat(layout.partials()).isEmptyDirectory();
    assertThat(layout.blob(DIGEST)).hasBinaryContent(CONTENT);
  }

  @Test
  void close_nothingCame_leavesNoFile() {
    store().openPartial(DIGEST, SIZE).close();

    assertThat(layout.partials()).isEmptyDirectory();
  }

  /** What a crash leaves: the newest bytes, and the extents of a while ago. */
  @Test
  void openPartial_olderExtents_believesOnlyThem() throws IOException {
    try (var blob = store().openPartial(DIGEST, SIZE)) {
      write(blob, new Extent(0, 1000));
    }
    Path saved = root.resolve("saved");
    Files.copy(layout.partialExtents(DIGEST), saved);
    try (var blob = store().openPartial(DIGEST, SIZE)) {
      write(blob, new Extent(1000, 2000));
    }
    Files.move(saved, layout.partialExtents(DIGEST), StandardCopyOption.REPLACE_EXISTING);

    try (var blob = store().openPartial(DIGEST, SIZE)) {
      assertThat(blob.present()).containsExactly(new Extent(0, 1000));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "lighter-extents 1\n3000001\n0 9000\n00000000\n", "\u0000"})
  void openPartial_damagedExtents_beginsAnew(String text) throws IOException {
    try (var blob = store().openPartial(DIGEST, SIZE)) {
      write(blob, new Extent(0, 9000));
    }
    Files.writeString(layout.partialExtents(DIGEST), text);

    try (var blob = store().openPartial(DIGEST, SIZE)) {
      assertThat(blob.present().isEmpty()).isTrue();
    }
  }

  @Test
  void openPartial_bytesShorterThanExtents_beginsAnew() throws IOException {
    try (var blob = store().openPartial(DIGEST, SIZE)) {
      write(blob, new Extent(0, 9000));
    }
    Files.write(layout.partial(DIGEST), new byte[8999]);

    try (var blob = store().openPartial(DIGEST, SIZE)) {
      assertThat(blob.present().isEmpty()).isTrue();
    }
  }

  @Test
  void write_interruptedThread_savesWhatItHas() {
    try (var blob = store().openPartial(DIGEST, SIZE)) {
      Thread.currentThread().interrupt();
      write(blob, new Extent(0, 9000));
    }
    assertThat(Thread.interrupted()).as("interrupt handed on").isTrue();
    try (var blob = store().openPartial(DIGEST, SIZE)) {
      assertThat(blob.present()).containsExactly(new Extent(0, 9000));
    }
  }

  @Test
  void removePartials_olderAndNotOpen() throws IOException {
    try (var blob = store().openPartial(DIGEST, SIZE)) {
      write(blob, new Extent(0, 9000));
      age(3600);
      assertThat(stores.blobs().removePartials(Instant.now().minusSeconds(60))).isZero();
    }
    age(0);
    assertThat(stores.blobs().removePartials(Instant.now().minusSeconds(60))).isZero();

    age(3600);
    assertThat(stores.blobs().removePartials(Instant.now().minusSeconds(60))).isOne();
    assertThat(layout.partials()).isEmptyDirectory();
  }

  @Test
  void partialBytes_severalBlobs_areWhatArrivedAndNotTheirSizes() {
    var space = new LocalCacheSpace(new LocalDisk(layout.root()), stores.blobs());
    assertThat(space.partialBytes()).isZero();
    try (var blob = store().openPartial(DIGEST, SIZE)) {
      write(blob, new Extent(0, 9000));
      write(blob, new Extent(SIZE - 1000, SIZE));
    }
    try (var other = store().openPartial(Fixtures.digest(5), SIZE)) {
      write(other, new Extent(500, 1000));
    }

    assertThat(space.partialBytes()).isEqualTo(9000 + 1000 + 500);
    assertThat(space.removePartials(Instant.now().plusSeconds(60))).isEqualTo(2);
    assertThat(space.partialBytes()).isZero();
    assertThat(space.free()).isPositive().isLessThan(space.total());
  }

  private void age(int seconds) throws IOException {
    Files.setLastModifiedTime(
        layout.partial(DIGEST), FileTime.from(Instant.now().minusSeconds(seconds)));
  }
}
