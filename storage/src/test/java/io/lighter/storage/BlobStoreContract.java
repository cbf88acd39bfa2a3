package io.lighter.storage;

import static io.lighter.storage.Fixtures.bytes;
import static io.lighter.storage.Fixtures.commit;
import static io.lighter.storage.Fixtures.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What every {@link BlobStore} does. A backend's test extends this. */
public abstract class BlobStoreContract {
  private static final byte[] CONTENT = bytes(1, 100_000);
  private static final Digest DIGEST = Digest.ofSha256(CONTENT);

  /** The store under test; empty when a test begins. */
  protected abstract BlobStore store();

  /** Closes the store in good order and opens it again; {@link #store} is the new one. */
  protected abstract void reopen();

  @Test
  void stat_neverCommitted_empty() {
    assertThat(store().stat(DIGEST)).isEmpty();
  }

  @Test
  void open_neverCommitted_blobMissing() {
    assertThatThrownBy(() -> store().open(DIGEST))
        .isInstanceOf(StorageException.BlobMissing.class)
        .hasMessageContaining(DIGEST.toString());
  }

  @Test
  void commit_rightDigest_readable() {
    assertThat(commit(store(), CONTENT)).isEqualTo(new BlobInfo(DIGEST, CONTENT.length));

    assertThat(store().stat(DIGEST)).contains(new BlobInfo(DIGEST, CONTENT.length));
    try (var source = store().open(DIGEST)) {
      assertThat(source.size()).isEqualTo(CONTENT.length);
      assertThat(readAll(source)).isEqualTo(CONTENT);
    }
  }

  @Test
  void commit_thenReopen_readable() {
    commit(store(), CONTENT);

    reopen();

    assertThat(store().stat(DIGEST)).contains(new BlobInfo(DIGEST, CONTENT.length));
    try (var source = store().open(DIGEST)) {
      assertThat(readAll(source)).isEqualTo(CONTENT);
    }
  }

  @Test
  void commit_nothingAppended_emptyBlob() {
    commit(store(), new byte[0]);

    try (var source = store().open(Digest.ofSha256(new byte[0]))) {
      assertThat(source.size()).isZero();
    }
  }

  @Test
  void cutBack_thenAppend_isTheBlobOfWhatStayed() {
    try (var writer = store().newWriter()) {
      writer.append(ByteBuffer.wrap(CONTENT, 0, 100));
      writer.append(ByteBuffer.wrap(new byte[5000]));

      writer.cutBack(100);

      assertThat(writer.size()).isEqualTo(100);
      writer.append(ByteBuffer.wrap(CONTENT, 100, CONTENT.length - 100));
      writer.commit(DIGEST);
    }
    try (var source = store().open(DIGEST)) {
      assertThat(readAll(source)).isEqualTo(CONTENT);
    }
  }

  @Test
  void cutBack_beyondTheEnd_refused() {
    try (var writer = store().newWriter()) {
      writer.append(ByteBuffer.wrap(CONTENT));
      assertThatThrownBy(() -> writer.cutBack(CONTENT.length + 1L))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThat(writer.size()).isEqualTo(CONTENT.length);
    }
  }

  @Test
  void commit_sha512_readableUnderThatDigestOnly() {
    Digest sha512 = Digest.of(DigestAlgorithm.SHA512, CONTENT);
    try (var writer = store().newWriter()) {
      writer.append(ByteBuffer.wrap(CONTENT));
      writer.commit(sha512);
    }

    try (var source = store().open(sha512)) {
      assertThat(readAll(source)).isEqualTo(CONTENT);
    }
    assertThat(store().stat(DIGEST)).isEmpty();
  }

  @Test
  void commit_sameDigestByFiftyWritersAtOnce_allSucceed() throws Exception {
    var results =
        Together.run(
            50,
            _ ->
                () -> {
                  try (var writer = store().newWriter()) {
                    for (int at = 0; at < CONTENT.length; at += 10_000) {
                      writer.append(ByteBuffer.wrap(CONTENT, at, 10_000));
                    }
                    return writer.commit(DIGEST);
                  }
                });

    assertThat(Set.copyOf(results)).containsExactly(new BlobInfo(DIGEST, CONTENT.length));
    try (var source = store().open(DIGEST)) {
      assertThat(readAll(source)).isEqualTo(CONTENT);
    }
  }

  @Test
  void tryOpen_neverOpened_empty() {
    commit(store(), CONTENT);
    reopen();
    assertThat(store().tryOpen(DIGEST)).isEmpty();
    assertThat(store().tryOpen(Fixtures.digest(7))).isEmpty();
  }

  @Test
  void tryOpen_openedBefore_readable() {
    commit(store(), CONTENT);
    store().open(DIGEST).close();

    try (var source = store().tryOpen(DIGEST).orElseThrow()) {
      assertThat(readAll(source)).isEqualTo(CONTENT);
    }
  }

  @Test
  void delete_present_goneAndOpenSourcesReadable() {
    commit(store(), CONTENT);
    try (var open = store().open(DIGEST)) {

      assertThat(store().delete(DIGEST)).isTrue();

      assertThat(store().stat(DIGEST)).isEmpty();
      assertThat(store().tryOpen(DIGEST)).isEmpty();
      assertThatThrownBy(() -> store().open(DIGEST))
          .isInstanceOf(StorageException.BlobMissing.class);
      assertThat(readAll(open)).isEqualTo(CONTENT);
    }
    reopen();
    assertThat(store().stat(DIGEST)).isEmpty();
  }

  @Test
  void delete_absent_false() {
    assertThat(store().delete(DIGEST)).isFalse();
  }

  @Test
  void delete_thenCommitAgain_readable() {
    commit(store(), CONTENT);
    store().delete(DIGEST);
    commit(store(), CONTENT);

    try (var source = store().open(DIGEST)) {
      assertThat(readAll(source)).isEqualTo(CONTENT);
    }
  }

  @Test
  void delete_againstCommitAndOpen_neverADanglingBlob() throws Exception {
    byte[] small = bytes(2, 10_000);
    Digest digest = Digest.ofSha256(small);
    var writersDone = new CountDownLatch(2);
    Together.<Boolean>run(
        6,
        number ->
            () -> {
              if (number < 2) {
                for (int i = 0; i < 50; i++) {
                  commit(store(), small);
                }
                writersDone.countDown();
              }
              while (number >= 2 && writersDone.getCount() > 0) {
                if (number == 2) {
                  store().delete(digest);
                } else {
                  try (var source = store().open(digest)) {
                    assertThat(readAll(source)).isEqualTo(small);
                  } catch (StorageException.BlobMissing _) {
                    // The only way in which an open may fail here.
                    Thread.onSpinWait();
                  }
                }
              }
              return true;
            });

    commit(store(), small);
    try (var source = store().open(digest)) {
      assertThat(readAll(source)).isEqualTo(small);
    }
  }

  @Test
  void read_outsideOfTheBlob_refused() {
    commit(store(), CONTENT);
    try (var source = store().open(DIGEST)) {
      assertThatThrownBy(() -> source.read(ByteBuffer.allocate(1), CONTENT.length))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> source.read(ByteBuffer.allocate(1), -1))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void read_byAnInterruptedThread_worksForItAndForOthers() {
    commit(store(), CONTENT);
    try (var source = store().open(DIGEST)) {
      Thread.currentThread().interrupt();
      try {
        assertThat(source.read(ByteBuffer.allocate(10), 0)).isPositive();
      } finally {
        assertThat(Thread.interrupted()).isTrue();
      }
      assertThat(readAll(source)).isEqualTo(CONTENT);
    }
  }
}
