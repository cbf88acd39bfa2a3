package io.lighter.storage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.storage.StorageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreDirectoryTest {
  @TempDir Path parent;
  private Path root;

  @BeforeEach
  void name() {
    root = parent.resolve("new/data");
  }

  @Test
  void open_missingDirectory_becomesAStore() {
    try (var directory = new StoreDirectory(root)) {
      assertThat(root.resolve("FORMAT")).hasContent("lighter-store 2");
      assertThat(directory.layout()).isEqualTo(new BlobLayout(root));
      assertThat(root.resolve("blobs")).isEmptyDirectory();
      assertThat(root.resolve("uploads")).isEmptyDirectory();
      assertThat(root.resolve("tmp")).isEmptyDirectory();
    }
  }

  @Test
  void open_again_sameStore() throws IOException {
    new StoreDirectory(root).close();
    Path kept = Files.createFile(root.resolve("blobs/file"));

    new StoreDirectory(root).close();

    assertThat(kept).exists();
  }

  @Test
  void open_freshVolume_itsOwnFilesDoNotMatter() throws IOException {
    Files.createDirectories(root.resolve("lost+found"));
    new StoreDirectory(root).close();
    assertThat(root.resolve("FORMAT")).exists();
  }

  @Test
  void open_relativePath_works() {
    Path relative = Path.of("").toAbsolutePath().relativize(root.toAbsolutePath());
    new StoreDirectory(relative).close();
    assertThat(root.resolve("FORMAT")).exists();
  }

  @ParameterizedTest
  @ValueSource(strings = {"lighter-store 1", "lighter-store 20", "", "something else"})
  void open_otherFormat_refusedWithBothVersions(String found) throws IOException {
    Files.createDirectories(root);
    Files.writeString(root.resolve("FORMAT"), found + "\n");

    assertThatThrownBy(() -> new StoreDirectory(root))
        .isInstanceOf(StorageException.Unavailable.class)
        .hasMessageContaining(root.toString())
        .hasMessageContaining("\"" + found + "\"")
        .hasMessageContaining("\"lighter-store 2\"")
        .hasMessageContaining("run the version");
    assertThat(root.resolve("blobs")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"blobs", "metadata"})
  void open_contentWithoutFormat_refused(String name) throws IOException {
    Files.createDirectories(root.resolve(name));

    assertThatThrownBy(() -> new StoreDirectory(root))
        .isInstanceOf(StorageException.Unavailable.class)
        .hasMessageContaining(root.resolve(name).toString())
        .hasMessageContaining("FORMAT")
        .hasMessageContaining("\"lighter-store 2\"");
    assertThat(root.resolve("FORMAT")).doesNotExist();
  }

  @Test
  void open_inUse_refusedUntilClosed() {
    try (var _ = new StoreDirectory(root)) {
      assertThatThrownBy(() -> new StoreDirectory(root))
          .isInstanceOf(StorageException.Unavailable.class)
          .hasMessageContaining("in use")
          .hasMessageContaining(root.toString());
    }
    new StoreDirectory(root).close();
  }

  @Test
  void open_refused_releasesTheLock() throws IOException {
    Files.createDirectories(root.resolve("blobs"));
    assertThatThrownBy(() -> new StoreDirectory(root))
        .isInstanceOf(StorageException.Unavailable.class);

    try (var channel = FileChannel.open(root.resolve("LOCK"), StandardOpenOption.WRITE)) {
      assertThat(channel.tryLock()).isNotNull();
    }
  }

  @Test
  void open_pathIsAFile_unavailable() throws IOException {
    Files.createDirectories(root.getParent());
    Files.createFile(root);
    assertThatThrownBy(() -> new StoreDirectory(root))
        .isInstanceOf(StorageException.Unavailable.class)
        .hasMessageContaining(root.toString());
  }
}
