package io.lighter.storage.gc;

import static io.lighter.storage.gc.Harbour.APP;
import static io.lighter.storage.gc.Harbour.OTHER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.Fixtures;
import io.lighter.storage.Leases;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.StorageException;
import io.lighter.storage.Together;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients who act between the moment that garbage is found and the moment that it is removed. */
class GarbageRaceTest {
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
  void tag_foundManifest_staysWhole() {
    Manifest image = harbour.pushImage(APP);
    harbour.passGrace();

    assertThat(collectWhile(Garbage.Manifest.class, _ -> harbour.put(APP, image, "v1"))).isEmpty();
    assertThat(harbour.isWhole(APP, image)).isTrue();
  }

  @Test
  void putIndex_foundChild_staysWhole() {
    Manifest image = harbour.pushImage(APP);
    harbour.passGrace();

    collectWhile(Garbage.Manifest.class, _ -> harbour.pushIndex(APP, List.of(image), "v1"));
    assertThat(harbour.isWhole(APP, image)).isTrue();
  }

  @Test
  void putManifest_foundLinks_stayOrThePutIsRefused() {
    BlobInfo layer = harbour.push(APP);
    BlobInfo config = harbour.push(APP);
    Manifest image = harbour.image(config, List.of(layer), Optional.empty());
    harbour.passGrace();

    assertThat(collectWhile(Garbage.Link.class, _ -> harbour.put(APP, image, "v1"))).isEmpty();
    assertThat(harbour.isWhole(APP, image)).isTrue();
  }

  @Test
  void putManifest_afterItsLinkWasRemoved_refusedAndNamesTheBlob() {
    BlobInfo layer = harbour.push(APP);
    harbour.passGrace();
    harbour.collect();
    Manifest image = harbour.image(harbour.push(APP), List.of(layer), Optional.empty());

    assertThatThrownBy(() -> harbour.put(APP, image, "v1"))
        .isInstanceOfSatisfying(
            StorageException.ContentMissing.class,
            e -> assertThat(e.missing()).contains(layer.digest()));
    assertThat(harbour.metadata().tags(APP, "", 10)).isEmpty();
  }

  @Test
  void putIndex_afterItsChildWasRemoved_refused() {
    Manifest image = harbour.pushImage(APP);
    harbour.passGrace();
    harbour.collect();

    assertThatThrownBy(() -> harbour.pushIndex(APP, List.of(image), "v1"))
        .isInstanceOf(StorageException.ContentMissing.class)
        .hasMessageContaining(image.digest().toString());
  }

  @Test
  void mount_foundLink_theMountedBlobStays() {
    BlobInfo blob = harbour.push(APP);
    harbour.passGrace();

    assertThat(
            collectWhile(
                Garbage.Link.class,
                _ ->
                    assertThat(harbour.metadata().mountBlob(OTHER, blob.digest(), Optional.of(APP)))
                        .contains(blob)))
        .containsExactly(new Garbage.Link(APP, blob.digest(), blob.size()));
    assertThat(harbour.isReadable(OTHER, blob.digest())).isTrue();
  }

  @Test
  void mount_afterTheLinkWasRemoved_isNotDone() {
    BlobInfo blob = harbour.push(APP);
    harbour.passGrace();

    collectWhile(
        Garbage.Blob.class,
        _ ->
            assertThat(harbour.metadata().mountBlob(OTHER, blob.digest(), Optional.of(APP)))
                .isEmpty());
    assertThat(harbour.metadata().linkedBlob(OTHER, blob.digest())).isEmpty();
  }

  @Test
  void keep_foundLink_stays() {
    BlobInfo blob = harbour.push(APP);
    harbour.passGrace();

    assertThat(
            collectWhile(
                Garbage.Link.class,
                _ ->
                    assertThat(harbour.leases().keep(APP, blob.digest(), Leases.Use.ASK)).isTrue()))
        .isEmpty();
    assertThat(harbour.isReadable(APP, blob.digest())).isTrue();
  }

  @Test
  void keep_whileItIsRemoved_falseAndNoLease() {
    BlobInfo blob = harbour.push(APP);
    harbour.passGrace();
    var asked = new AtomicBoolean();

    harbour
        .collector(
            harbour.garbage(),
            harbour.files(),
            () -> {
              if (asked.compareAndSet(false, true)) {
                assertThat(harbour.leases().tryKeep(APP, blob.digest(), Leases.Use.READ)).isFalse();
                assertThat(harbour.leases().keep(APP, blob.digest(), Leases.Use.READ)).isFalse();
              }
            })
        .run(false, _ -> {});

    assertThat(asked).isTrue();
    assertThat(harbour.areHere(blob.digest())).isFalse();
  }

  @Test
  void keep_indexWhoseChildIsBeingRemoved_childStays() {
    Manifest image = harbour.pushImage(APP);
    Manifest index = harbour.pushIndex(APP, List.of(image));
    harbour.passGrace();

    assertThat(
            collectWhile(
                Garbage.Manifest.class,
                _ ->
                    assertThat(harbour.leases().keep(APP, index.digest(), Leases.Use.READ))
                        .isTrue()))
        .isEmpty();
    assertThat(harbour.isWhole(APP, image)).isTrue();
  }

  /** The index of a dead image is found by the first look only: it could be leased unseen. */
  @Test
  void remove_childWithoutItsParent_bothGoInOneStep() {
    Manifest image = harbour.pushImage(APP);
    Manifest index = harbour.pushIndex(APP, List.of(image));
    harbour.passGrace();

    List<Garbage> gone =
        harbour
            .garbage()
            .remove(List.of(new Garbage.Manifest(APP, image.digest(), 0)), Harbour.TIMES, () -> {});

    assertThat(gone).hasSize(2);
    assertThat(harbour.hasManifest(APP, index)).isFalse();
  }

  @Test
  void commit_foundBlob_staysForTheGrace() {
    BlobInfo blob = harbour.store();
    byte[] content = Fixtures.bytes(1, (int) blob.size());
    harbour.passGrace();

    assertThat(
            collectWhile(
                Garbage.Blob.class, _ -> Fixtures.commit(harbour.stores().blobs(), content)))
        .isEmpty();

    harbour.metadata().linkBlob(APP, RepositoryKind.HOSTED, blob);
    assertThat(harbour.isReadable(APP, blob.digest())).isTrue();
  }

  @Test
  void commit_doomedBlob_comesBackWithItsBytes() {
    BlobInfo blob = harbour.store();
    byte[] content = Fixtures.bytes(1, (int) blob.size());
    harbour.passGrace();

    assertThat(
            collectBeforeBytes(digest -> {
              assertThat(harbour.index().find(digest)).isEmpty();
              Fixtures.commit(harbour.stores().blobs(), content);
              harbour.metadata().linkBlob(APP, RepositoryKind.HOSTED, blob);
            }))
        .isEmpty();

    assertThat(harbour.isReadable(APP, blob.digest())).isTrue();
    assertThat(harbour.index().isDoomed(blob.digest())).isFalse();
    harbour.passGrace();
    harbour.reopen();
    harbour
        .metadata()
        .putManifest(
            harbour.putting(
                APP,
                harbour.image(blob, List.of(), Optional.empty()),
                RepositoryKind.HOSTED,
                "v1"));
    harbour.collect();
    assertThat(harbour.isReadable(APP, blob.digest())).isTrue();
  }

  @Test
  void linkBlob_doomedBlob_refused() {
    BlobInfo blob = harbour.store();
    harbour.passGrace();

    collectBeforeBytes(_ ->
        assertThatThrownBy(() -> harbour.metadata().linkBlob(APP, RepositoryKind.HOSTED, blob))
            .isInstanceOf(StorageException.BlobMissing.class));
    assertThat(harbour.areHere(blob.digest())).isFalse();
  }

  @Test
  void publish_convertedBlobWasCollected_refused() {
    Manifest original = harbour.pushImage(APP, "v1");
    BlobInfo converted = harbour.store();
    harbour.passGrace();
    harbour.collect();
    Manifest lazy = harbour.image(harbour.store(), List.of(converted), Optional.empty());

    assertThatThrownBy(() -> harbour.conversions().publish(harbour.view(APP, original, lazy)))
        .isInstanceOf(StorageException.ContentMissing.class);
    assertThatThrownBy(() ->
            harbour.conversions().recordLayer(Fixtures.digest(1), "r", Harbour.result(converted)))
        .isInstanceOf(StorageException.BlobMissing.class);
    assertThat(harbour.conversions().lazyView(APP, original.digest())).isEmpty();
  }

  @Test
  void publish_foundConvertedBlob_stays() {
    Manifest original = harbour.pushImage(APP, "v1");
    BlobInfo converted = harbour.store();
    Manifest lazy = harbour.image(converted, List.of(converted), Optional.empty());
    harbour.passGrace();

    collectWhile(
        Garbage.Blob.class,
        _ ->
            assertThat(harbour.conversions().publish(harbour.view(APP, original, lazy)))
                .isPresent());
    assertThat(harbour.isWhole(APP, lazy)).isTrue();
  }

  /** The clock runs, so that leases end all the time; whoever was told yes must have it still. */
  @Test
  void keep_manyThreadsAndACollectorInALoop_noYesIsBroken() throws Exception {
    int blobs = 30;
    var contents = new ArrayList<BlobInfo>();
    for (int i = 0; i < blobs; i++) {
      contents.add(harbour.push(APP));
    }
    Together.<Integer>run(
        5,
        number ->
            () -> {
              int removed = 0;
              for (int round = 0; round < 60; round++) {
                if (number == 0) {
                  harbour.clock.advance(Duration.ofMinutes(40));
                  removed += harbour.collect().size();
                } else {
                  useOne(contents.get((round * 7 + number) % blobs));
                }
              }
              return removed;
            });
  }

  /** Asks, and pushes what is not there; either way it can be named by a manifest then. */
  private void useOne(BlobInfo blob) {
    boolean there =
        harbour.metadata().linkedBlob(APP, blob.digest()).isPresent()
            && harbour.leases().keep(APP, blob.digest(), Leases.Use.ASK);
    var before = harbour.clock.instant();
    boolean readable = !there || harbour.isReadable(APP, blob.digest());
    // The clock may have passed the grace between the answer and the look.
    if (harbour.clock.instant().equals(before)) {
      assertThat(readable).as("what was promised just now").isTrue();
    }
  }

  private List<Garbage> collectWhile(
      Class<? extends Garbage> kind, Consumer<Garbage> beforeRemoval) {
    var acted = new AtomicBoolean();
    var gone = new ArrayList<Garbage>();
    var interposed =
        new Interposed(
            harbour.garbage(),
            harbour.files(),
            garbage -> {
              if (kind.isInstance(garbage) && acted.compareAndSet(false, true)) {
                beforeRemoval.accept(garbage);
              }
            },
            _ -> {});
    harbour.collector(interposed, interposed, () -> {}).run(false, gone::add);
    assertThat(acted).as("something was found").isTrue();
    return gone;
  }

  private List<Garbage> collectBeforeBytes(Consumer<Digest> action) {
    var acted = new AtomicBoolean();
    var gone = new ArrayList<Garbage>();
    var interposed =
        new Interposed(
            harbour.garbage(),
            harbour.files(),
            _ -> {},
            digest -> {
              acted.set(true);
              action.accept(digest);
            });
    harbour.collector(interposed, interposed, () -> {}).run(false, gone::add);
    assertThat(acted).as("a blob was doomed").isTrue();
    return gone;
  }
}
