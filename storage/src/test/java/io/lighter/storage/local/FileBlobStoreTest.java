package io.lighter.storage.local;

import static io.lighter.storage.Fixtures.bytes;
import static io.lighter.storage.Fixtures.commit;
import static io.lighter.storage.Fixtures.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.lighter.oci.Digest;
import io.lighter.storage.BlobStore;
import io.lighter.storage.BlobStoreContract;
import io.lighter.storage.OpenStores;
import io.lighter.storage.StorageException;
import io.lighter.storage.Together;
import io.lighter.storage.UploadId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileBlobStoreTest extends BlobStoreContract {
  private static final byte[] CONTENT = bytes(3, 5000);
  private static final Digest DIGEST = Digest.ofSha256(CONTENT);

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
  void commit_twice_oneFileAndNothingElse() throws IOException {
    commit(store(), CONTENT);
    commit(store(), CONTENT);

    assertThat(layout.blob(DIGEST)).hasBinaryContent(CONTENT);
    assertThat(layout.temporary()).isEmptyDirectory();
    try (var files = Files.walk(layout.blobs()).filter(Files::isRegularFile)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void close_writerNotCommitted_leavesNothing() {
    try (var writer = store().newWriter()) {
      writer.append(ByteBuffer.wrap(CONTENT));
      assertThat(layout.temporary()).isNotEmptyDirectory();
    }
    assertThat(layout.temporary()).isEmptyDirectory();
  }

  @Test
  void reopen_leftovers_temporariesGoAndUploadsStay() throws IOException {
    var id = UploadId.random();
    store().newUpload(id).close();
    Files.write(layout.newTemporary(), CONTENT);

    reopen();

    assertThat(layout.temporary()).isEmptyDirectory();
    assertThat(layout.upload(id)).exists();
  }

  @Test
  void commit_leftoverOfACrashInPlace_replaced() throws IOException {
    Files.createDirectories(layout.shard(DIGEST));
    Files.writeString(layout.blob(DIGEST), "half of it");
    assertThat(store().stat(DIGEST)).isEmpty();

    commit(store(), CONTENT);

    try (var source = store().open(DIGEST)) {
      assertThat(readAll(source)).isEqualTo(CONTENT);
    }
  }

  @Test
  void open_fileMissing_corrupt() throws IOException {
    commit(store(), CONTENT);
    Files.delete(layout.blob(DIGEST));
    assertThatThrownBy(() -> store().open(DIGEST))
        .isInstanceOf(StorageException.Corrupt.class)
        .hasMessageContaining(DIGEST.toString());
  }

  @Test
  void open_fileOfOtherSize_corruptAndSaysBoth() throws IOException {
    commit(store(), CONTENT);
    Files.write(layout.blob(DIGEST), bytes(3, 4000));
    assertThatThrownBy(() -> store().open(DIGEST))
        .isInstanceOf(StorageException.Corrupt.class)
        .hasMessageContaining("4000 bytes; it had 5000");
  }

  @Test
  void read_fileShrunkWhileOpen_corrupt() throws IOException {
    commit(store(), CONTENT);
    try (var source = store().open(DIGEST)) {
      Files.write(layout.blob(DIGEST), new byte[10]);
      assertThatThrownBy(() -> source.read(ByteBuffer.allocate(10), 100))
          .isInstanceOf(StorageException.Corrupt.class);
    }
  }

  @Test
  void newUpload_nameInUse_refused() {
    var id = UploadId.random();
    store().newUpload(id).close();
    assertThatThrownBy(() -> store().newUpload(id))
        .isInstanceOf(StorageException.Unavailable.class);
    store().resumeUpload(id).close();
  }

  /** A read of a directory moves its access time if that is older than its last change. */
  @Test
  void reopen_manyBlobs_doesNotListThem() throws IOException {
    for (int number = 0; number < 20; number++) {
      commit(store(), bytes(number, 10));
    }
    close();
    var old = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));
    Path canary = Files.createDirectory(root.resolve("canary"));
    Files.setAttribute(canary, "lastAccessTime", old);
    list(canary);
    assumeThat(accessed(canary)).as("this file system keeps access times").isNotEqualTo(old);
    List<Path> directories;
    try (var walk = Files.walk(layout.blobs()).filter(Files::isDirectory)) {
      directories = walk.toList();
    }
    for (Path directory : directories) {
      Files.setAttribute(directory, "lastAccessTime", old);
    }

    open();

    assertThat(directories).hasSizeGreaterThan(5).allMatch(path -> accessed(path).equals(old));
    try (var source = store().open(Digest.ofSha256(bytes(7, 10)))) {
      assertThat(readAll(source)).isEqualTo(bytes(7, 10));
    }
  }

  @Test
  void open_manyReadersOfMoreBlobsThanAreCached_alwaysTheRightBytes() throws Exception {
    List<byte[]> contents =
        IntStream.range(0, 40).mapToObj(number -> bytes(number, 3000 + number)).toList();
    contents.forEach(content -> commit(store(), content));

    Together.<Boolean>run(
        8,
        number ->
            () -> {
              var random = new Random(number);
              for (int i = 0; i < 300; i++) {
                byte[] expected = contents.get(random.nextInt(contents.size()));
                Digest digest = Digest.ofSha256(expected);
                try (var source = store().tryOpen(digest).orElseGet(() -> store().open(digest))) {
                  assertThat(readAll(source)).isEqualTo(expected);
                }
              }
              return true;
            });
  }

  private static void list(Path directory) throws IOException {
    try (var entries = Files.list(directory)) {
      assertThat(entries).isEmpty();
    }
  }

  private static FileTime accessed(Path path) {
    try {
      return (FileTime) Files.getAttribute(path, "lastAccessTime");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
