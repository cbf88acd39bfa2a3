package io.lighter.storage.gc;

import static io.lighter.storage.gc.Harbour.APP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.Manifest;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.Fixtures;
import io.lighter.storage.RepositoryKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Collections that end between two of their steps, and what the next one makes of it. */
class GarbageCrashTest {
  @TempDir Path root;
  private Harbour harbour;

  @BeforeEach
  void open() {
    harbour = new Harbour(root);
  }

  @AfterEach
  void close() {
    harbour.close();
  }

  @Test
  void crash_betweenMetadataAndBytes_nextRunRemovesTheBytes() {
    BlobInfo blob = harbour.store();
    harbour.passGrace();
    crash(_ -> {}, blob);

    assertThat(harbour.index().find(blob.digest())).isEmpty();
    assertThat(harbour.layout().blob(blob.digest())).exists();

    assertThat(harbour.dryRun()).containsExactly(new Garbage.Blob(blob.digest(), blob.size()));
    assertThat(harbour.collect()).containsExactly(new Garbage.Blob(blob.digest(), blob.size()));
    assertThat(harbour.layout().blob(blob.digest())).doesNotExist();
    assertThat(harbour.index().isDoomed(blob.digest())).isFalse();
  }

  @Test
  void crash_betweenMetadataAndBytesThenPushed_blobIsBack() {
    BlobInfo blob = harbour.store();
    harbour.passGrace();
    crash(_ -> {}, blob);

    Fixtures.commit(harbour.stores().blobs(), Fixtures.bytes(1, (int) blob.size()));
    harbour.metadata().linkBlob(APP, RepositoryKind.HOSTED, blob);

    assertThat(harbour.collect()).isEmpty();
    assertThat(harbour.isReadable(APP, blob.digest())).isTrue();
  }

  @Test
  void crash_betweenTheFileAndItsNote_nextRunForgetsIt() throws Exception {
    BlobInfo blob = harbour.store();
    harbour.passGrace();
    crash(_ -> {}, blob);
    Files.delete(harbour.layout().blob(blob.digest()));

    harbour.collect();

    assertThat(harbour.index().isDoomed(blob.digest())).isFalse();
    assertThat(harbour.collect()).isEmpty();
  }

  @Test
  void crash_afterTheManifest_nextRunRemovesTheRest() {
    Manifest image = harbour.pushImage(APP);
    harbour.passGrace();
    crash(
        garbage -> {
          if (garbage instanceof Garbage.Link) {
            throw new IllegalStateException("crash");
          }
        },
        null);
    assertThat(harbour.hasManifest(APP, image)).isFalse();
    assertThat(Harbour.blobs(image)).allMatch(blob -> harbour.isReadable(APP, blob));

    harbour.collect();

    assertThat(Harbour.blobs(image)).noneMatch(harbour::areHere);
    assertThat(Harbour.blobs(image))
        .noneMatch(blob -> harbour.metadata().linkedBlob(APP, blob).isPresent());
  }

  /** Ends a collection before a step, or before the bytes of a blob, and opens the store anew. */
  private void crash(Consumer<Garbage> beforeRemoval, @Nullable BlobInfo doomed) {
    var interposed =
        new Interposed(
            harbour.garbage(),
            harbour.files(),
            beforeRemoval,
            digest -> {
              if (doomed == null || digest.equals(doomed.digest())) {
                throw new IllegalStateException("crash");
              }
            });
    assertThatThrownBy(
            () -> harbour.collector(interposed, interposed, () -> {}).run(false, _ -> {}))
        .hasMessage("crash");
    harbour.reopen();
  }
}
