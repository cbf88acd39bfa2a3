package io.lighter.storage;

import static io.lighter.storage.Fixtures.bytes;
import static io.lighter.storage.Fixtures.commit;
import static io.lighter.storage.Fixtures.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * What every {@link BlobWriter} does, and what becomes of uploads. A backend's test extends this.
 */
public abstract class BlobWriterContract {
  private static final byte[] CONTENT = bytes(1, 100_000);
  private static final Digest DIGEST = Digest.ofSha256(CONTENT);

  /** The store under test; empty when a test begins. */
  protected abstract BlobStore store();

  /** Closes the store in good order and opens it again; {@link #store} is the new one. */
  protected abstract void reopen();

  @Test
  void commit_digestMismatch_discardsUpload() {
    var id = UploadId.random();
    Digest expected = Fixtures.digest(1);
    try (var writer = store().newUpload(id)) {
      writer.append(ByteBuffer.wrap(CONTENT));

      assertThatThrownBy(() -> writer.commit(expected))
          .isInstanceOf(StorageException.DigestMismatch.class)
          .hasMessageContaining(expected.toString())
          .hasMessageContaining(DIGEST.toString());
    }

    assertThat(store().stat(expected)).isEmpty();
    assertThat(store().stat(DIGEST)).isEmpty();
    assertThatThrownBy(() -> store().resumeUpload(id))
        .isInstanceOf(StorageException.UploadMissing.class);
  }

  @Test
  void commit_sha512Mismatch_discards() {
    try (var writer = store().newWriter()) {
      writer.append(ByteBuffer.wrap(CONTENT));
      assertThatThrownBy(() -> writer.commit(Digest.of(DigestAlgorithm.SHA512, new byte[1])))
          .isInstanceOf(StorageException.DigestMismatch.class);
    }
  }

  @Test
  void commit_blobIsThereAlready_succeedsAndForgetsTheUpload() {
    commit(store(), CONTENT);
    var id = UploadId.random();
    try (var writer = store().newUpload(id)) {
      writer.append(ByteBuffer.wrap(CONTENT));
      assertThat(writer.commit(DIGEST)).isEqualTo(new BlobInfo(DIGEST, CONTENT.length));
    }

    assertThatThrownBy(() -> store().resumeUpload(id))
        .isInstanceOf(StorageException.UploadMissing.class);
    try (var source = store().open(DIGEST)) {
      assertThat(readAll(source)).isEqualTo(CONTENT);
    }
  }

  @Test
  void append_afterCommitOrAbort_refused() {
    try (var committed = store().newWriter();
        var aborted = store().newWriter()) {
      committed.commit(Digest.ofSha256(new byte[0]));
      aborted.abort();

      for (var writer : new BlobWriter[] {committed, aborted}) {
        assertThatThrownBy(() -> writer.append(ByteBuffer.allocate(1)))
            .isInstanceOf(IllegalStateException.class);
      }
    }
  }

  @Test
  void append_manyPieces_sizeHashAndBytesFollow() {
    try (var writer = store().newWriter()) {
      assertThat(writer.size()).isZero();
      assertThat(writer.sha256()).isEqualTo(Digest.ofSha256(new byte[0]));

      var piece = ByteBuffer.wrap(CONTENT, 0, 1000);
      writer.append(piece);
      assertThat(piece.hasRemaining()).isFalse();
      assertThat(writer.size()).isEqualTo(1000);
      assertThat(writer.sha256()).isEqualTo(Digest.ofSha256(Arrays.copyOf(CONTENT, 1000)));

      writer.append(ByteBuffer.wrap(CONTENT, 1000, CONTENT.length - 1000).asReadOnlyBuffer());
      assertThat(writer.sha256()).isEqualTo(DIGEST);
    }
  }

  @Test
  void read_ofWriter_givesWhatWasAppendedAndNotMore() {
    try (var writer = store().newWriter()) {
      writer.append(ByteBuffer.wrap(CONTENT, 0, 1000));
      var target = ByteBuffer.allocate(200);

      assertThat(writer.read(target, 900)).isEqualTo(100);
      assertThat(Arrays.copyOf(target.array(), 100))
          .isEqualTo(Arrays.copyOfRange(CONTENT, 900, 1000));
      assertThat(target.position()).isEqualTo(100);
      assertThat(writer.read(target, 1000)).isEqualTo(-1);
      assertThat(writer.read(target, 5000)).isEqualTo(-1);
    }
  }

  @Test
  void read_ofWriterWhileItAppends_neverSeesOtherBytes() throws Exception {
    try (var writer = store().newWriter()) {
      Together.<Boolean>run(
          5,
          number ->
              () -> {
                if (number == 0) {
                  for (int at = 0; at < CONTENT.length; at += 500) {
                    writer.append(ByteBuffer.wrap(CONTENT, at, 500));
                  }
                  return true;
                }
                var target = ByteBuffer.allocate(3001);
                int at = 0;
                while (at < CONTENT.length) {
                  int count = writer.read(target.clear(), at);
                  if (count > 0) {
                    assertThat(Arrays.copyOf(target.array(), count))
                        .isEqualTo(Arrays.copyOfRange(CONTENT, at, at + count));
                    at += count;
                  } else {
                    Thread.onSpinWait();
                  }
                }
                return true;
              });
    }
  }

  @Test
  void read_ofWriterAfterCommit_stillThere() {
    try (var writer = store().newWriter()) {
      writer.append(ByteBuffer.wrap(CONTENT));
      writer.commit(DIGEST);

      var target = ByteBuffer.allocate(CONTENT.length);
      assertThat(writer.read(target, 0)).isPositive();
      assertThat(writer.size()).isEqualTo(CONTENT.length);
    }
  }

  @Test
  void close_uploadNotCommitted_resumesAfterReopen() {
    var id = UploadId.random();
    try (var writer = store().newUpload(id)) {
      writer.append(ByteBuffer.wrap(CONTENT, 0, 60_000));
    }

    reopen();

    try (var writer = store().resumeUpload(id)) {
      assertThat(writer.size()).isEqualTo(60_000);
      assertThat(writer.sha256()).isEqualTo(Digest.ofSha256(Arrays.copyOf(CONTENT, 60_000)));
      writer.append(ByteBuffer.wrap(CONTENT, 60_000, 40_000));
      writer.commit(DIGEST);
    }
    try (var source = store().open(DIGEST)) {
      assertThat(readAll(source)).isEqualTo(CONTENT);
    }
  }

  @Test
  void close_twice_harmless() {
    var writer = store().newUpload(UploadId.random());
    writer.close();
    writer.close();
    commit(store(), CONTENT);
    var source = store().open(DIGEST);
    source.close();
    source.close();

    try (var other = store().open(DIGEST)) {
      assertThat(readAll(other)).isEqualTo(CONTENT);
    }
  }

  @Test
  void resumeUpload_unknown_uploadMissing() {
    var id = UploadId.random();
    assertThatThrownBy(() -> store().resumeUpload(id))
        .isInstanceOf(StorageException.UploadMissing.class)
        .hasMessageContaining(id.toString());
  }

  @Test
  void resumeUpload_whileBeingWritten_refused() {
    var id = UploadId.random();
    try (var writer = store().newUpload(id)) {
      assertThatThrownBy(() -> store().resumeUpload(id))
          .isInstanceOf(StorageException.Unavailable.class)
          .hasMessageContaining("being written");
      writer.append(ByteBuffer.wrap(CONTENT));
    }
    try (var writer = store().resumeUpload(id)) {
      assertThat(writer.size()).isEqualTo(CONTENT.length);
    }
  }

  @Test
  void abort_upload_forgotten() {
    var id = UploadId.random();
    try (var writer = store().newUpload(id)) {
      writer.append(ByteBuffer.wrap(CONTENT));
      writer.abort();
    }
    assertThatThrownBy(() -> store().resumeUpload(id))
        .isInstanceOf(StorageException.UploadMissing.class);
  }

  @Test
  void deleteUpload_kept_forgotten() {
    var id = UploadId.random();
    store().newUpload(id).close();

    store().deleteUpload(id);
    store().deleteUpload(UploadId.random());

    assertThatThrownBy(() -> store().resumeUpload(id))
        .isInstanceOf(StorageException.UploadMissing.class);
  }

  @Test
  void commit_uploadDeletedMeanwhile_uploadMissing() {
    var id = UploadId.random();
    try (var writer = store().newUpload(id)) {
      writer.append(ByteBuffer.wrap(CONTENT));
      store().deleteUpload(id);

      assertThatThrownBy(() -> writer.commit(DIGEST))
          .isInstanceOf(StorageException.UploadMissing.class);
    }
    assertThat(store().stat(DIGEST)).isEmpty();
  }
}
