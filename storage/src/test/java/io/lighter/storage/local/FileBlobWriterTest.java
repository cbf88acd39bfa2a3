package io.lighter.storage.local;

import static io.lighter.storage.Fixtures.bytes;
import static io.lighter.storage.Fixtures.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import io.lighter.storage.OpenStores;
import io.lighter.storage.StorageException;
import io.lighter.storage.UploadId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FileBlobWriterTest {
  private static final byte[] CONTENT = bytes(5, 10_000);

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

  @Test
  void append_diskFullHalfWay_keepsWhatWasAppendedBefore() throws IOException {
    var id = UploadId.random();
    Path path = layout.upload(id);
    var channel = new FullChannel(create(path), 6000);
    try (var writer = writer(path, id, channel)) {
      writer.append(ByteBuffer.wrap(CONTENT, 0, 5000));
      var rest = ByteBuffer.wrap(CONTENT, 5000, 5000);

      assertThatThrownBy(() -> writer.append(rest))
          .isInstanceOf(StorageException.OutOfSpace.class)
          .hasMessageContaining("full");

      assertThat(writer.size()).isEqualTo(5000);
      assertThat(Files.size(path)).isEqualTo(5000);
      assertThat(rest.remaining()).isEqualTo(5000);

      channel.makeRoom(5000);
      writer.append(rest);
      writer.commit(Digest.ofSha256(CONTENT));
    }
    try (var source = stores.blobs().open(Digest.ofSha256(CONTENT))) {
      assertThat(readAll(source)).isEqualTo(CONTENT);
    }
  }

  @Test
  void append_diskFull_uploadResumesAtItsSize() throws IOException {
    var id = UploadId.random();
    Path path = layout.upload(id);
    try (var writer = writer(path, id, new FullChannel(create(path), 6000))) {
      writer.append(ByteBuffer.wrap(CONTENT, 0, 5000));
      assertThatThrownBy(() -> writer.append(ByteBuffer.wrap(CONTENT, 5000, 5000)))
          .isInstanceOf(StorageException.OutOfSpace.class);
    }
    try (var writer = stores.blobs().resumeUpload(id)) {
      assertThat(writer.size()).isEqualTo(5000);
      writer.append(ByteBuffer.wrap(CONTENT, 5000, 5000));
      writer.commit(Digest.ofSha256(CONTENT));
    }
  }

  /** The words by which a full disk is told are those of this platform. */
  @Test
  void append_deviceThatIsAlwaysFull_outOfSpace() throws IOException {
    Path full = Path.of("/dev/full");
    assumeThat(full).exists();
    Path path = layout.newTemporary();
    var device = FileChannel.open(full, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try (var writer = writer(path, UploadId.random(), device)) {
      assertThatThrownBy(() -> writer.append(ByteBuffer.wrap(CONTENT)))
          .isInstanceOf(StorageException.OutOfSpace.class);
    }
  }

  @Test
  void append_otherFailure_unavailable() throws IOException {
    Path path = Files.createFile(layout.newTemporary());
    var readOnly = FileChannel.open(path, StandardOpenOption.READ);
    readOnly.close();
    try (var writer = writer(path, UploadId.random(), readOnly)) {
      assertThatThrownBy(() -> writer.append(ByteBuffer.wrap(CONTENT)))
          .isInstanceOf(StorageException.Unavailable.class)
          .hasMessageContaining(path.toString());
    }
  }

  @Test
  void append_interruptedThread_appendsAndStaysInterrupted() {
    try (var writer = stores.blobs().newWriter()) {
      Thread.currentThread().interrupt();
      try {
        writer.append(ByteBuffer.wrap(CONTENT));
      } finally {
        assertThat(Thread.interrupted()).isTrue();
      }
      assertThat(writer.commit(Digest.ofSha256(CONTENT)).size()).isEqualTo(CONTENT.length);
    }
  }

  @Test
  void commit_indexFails_failsAndCommittingAgainWorks() {
    var index = new FailingIndex(stores.rocks().blobIndex());
    try (var blobs = new FileBlobStore(layout, index, 4)) {
      index.fail = true;
      try (var writer = blobs.newWriter()) {
        writer.append(ByteBuffer.wrap(CONTENT));
        assertThatThrownBy(() -> writer.commit(Digest.ofSha256(CONTENT)))
            .isInstanceOf(StorageException.OutOfSpace.class);
      }
      assertThat(blobs.stat(Digest.ofSha256(CONTENT))).isEmpty();

      index.fail = false;
      try (var writer = blobs.newWriter()) {
        writer.append(ByteBuffer.wrap(CONTENT));
        writer.commit(Digest.ofSha256(CONTENT));
      }
      try (var source = blobs.open(Digest.ofSha256(CONTENT))) {
        assertThat(readAll(source)).isEqualTo(CONTENT);
      }
    }
  }

  /** What makes the last request of a large upload short. */
  @Test
  void commit_afterAppends_readsNothingBack() throws IOException {
    var id = UploadId.random();
    var channel = new FullChannel(create(layout.upload(id)), CONTENT.length);
    try (var writer = writer(layout.upload(id), id, channel)) {
      writer.append(ByteBuffer.wrap(CONTENT, 0, 5000));
      writer.append(ByteBuffer.wrap(CONTENT, 5000, 5000));
      writer.commit(Digest.ofSha256(CONTENT));
    }

    assertThat(channel.bytesRead()).isZero();
  }

  @Test
  void commit_blob_isVisibleOnlyOnceItIsSynced() throws IOException {
    var id = UploadId.random();
    var visible = new ArrayList<Boolean>();
    var digest = Digest.ofSha256(CONTENT);
    var channel = new FullChannel(create(layout.upload(id)), CONTENT.length);
    channel.whenSynced(() ->
        visible.add(stores.blobs().stat(digest).isPresent() || Files.exists(layout.blob(digest))));
    try (var writer = writer(layout.upload(id), id, channel)) {
      writer.append(ByteBuffer.wrap(CONTENT));
      writer.commit(digest);
    }

    assertThat(visible).containsExactly(false);
    assertThat(stores.blobs().stat(digest)).isPresent();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void append_longBlob_isBegunOnTheDiskUntilTheWriterIsClosed() throws IOException {
    var id = UploadId.random();
    Path path = layout.upload(id);
    try (var writer = writer(path, id, create(path))) {
      writer.append(ByteBuffer.wrap(bytes(6, (int) WriteBack.STEP)));
      awaitDescriptors(path, 2);
    }
    awaitDescriptors(path, 0);
  }

  /** Beside the writer's own there is that of its write-back, which works on another thread. */
  private static void awaitDescriptors(Path path, int number) {
    await().untilAsserted(() -> assertThat(OpenDescriptors.of(path)).isEqualTo(number));
  }

  private FileBlobWriter writer(Path path, UploadId id, FileChannel channel) {
    return new FileBlobWriter(
        stores.blobs(), path, id, channel, DigestAlgorithm.SHA256.newMessageDigest(), 0);
  }

  private static FileChannel create(Path path) throws IOException {
    return FileChannel.open(
        path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }
}
