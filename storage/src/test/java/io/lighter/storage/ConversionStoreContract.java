package io.lighter.storage;

import static io.lighter.storage.Fixtures.digest;
import static io.lighter.storage.Fixtures.image;
import static io.lighter.storage.Fixtures.index;
import static io.lighter.storage.Fixtures.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.MediaTypes;
import io.lighter.oci.RepositoryName;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every {@link ConversionStore} does. A backend's test extends this. */
public abstract class ConversionStoreContract {
  private static final RepositoryName REPOSITORY = new RepositoryName("docker.io/library/app");
  private static final Manifest ORIGINAL = image(1000);
  private static final Digest IMAGE = ORIGINAL.digest();

  /** The store under test; empty when a test begins. */
  protected abstract ConversionStore conversions();

  /** The metadata of the same store. */
  protected abstract MetadataStore metadata();

  /** The index of blobs of the same store. */
  protected abstract BlobIndex blobs();

  /** Closes the store in good order and opens it again. */
  protected abstract void reopen();

  @Test
  void recordLayer_first_kept() {
    var converted = converted(5);
    var unconvertible = new LayerConversion.Unconvertible("a device file");

    assertThat(conversions().recordLayer(digest(1), "r1", converted)).isEqualTo(converted);
    assertThat(conversions().recordLayer(digest(1), "r2", unconvertible)).isEqualTo(unconvertible);

    reopen();
    assertThat(conversions().layer(digest(1), "r1")).contains(converted);
    assertThat(conversions().layer(digest(1), "r2")).contains(unconvertible);
    assertThat(conversions().layer(digest(1), "r")).isEmpty();
    assertThat(conversions().layer(digest(2), "r1")).isEmpty();
  }

  @Test
  void recordLayer_manyAtOnce_firstWinsForAll() throws Exception {
    var recorded =
        Together.run(
            20, number -> () -> conversions().recordLayer(digest(1), "r", converted(number)));

    assertThat(Set.copyOf(recorded)).hasSize(1);
    assertThat(conversions().layer(digest(1), "r")).contains(recorded.getFirst());
  }

  @Test
  void recordLayer_bytesNotHere_refused() {
    var result = converted(5);
    blobs().remove(digest(5));

    assertThatThrownBy(() -> conversions().recordLayer(digest(1), "r", result))
        .isInstanceOf(StorageException.BlobMissing.class);
    assertThat(conversions().layer(digest(1), "r")).isEmpty();
  }

  @Test
  void publish_blobNeitherHereNorLinked_refused() {
    metadata().putManifest(put(REPOSITORY, ORIGINAL));
    var lazy = image(1);
    var layer = Descriptor.of(MediaTypes.OCI_LAYER, digest(7), 7);
    var put =
        new LazyViewPut(
            REPOSITORY,
            IMAGE,
            lazy.digest(),
            List.of(
                new ManifestPut(
                    REPOSITORY,
                    RepositoryKind.HOSTED,
                    lazy,
                    lazy.view(),
                    List.of(),
                    TagCondition.NONE,
                    Fixtures.TIME,
                    List.of(layer),
                    false)));

    assertThatThrownBy(() -> conversions().publish(put))
        .isInstanceOf(StorageException.ContentMissing.class)
        .hasMessageContaining(digest(7).toString());
    assertThat(conversions().lazyView(REPOSITORY, IMAGE)).isEmpty();

    blobs().add(new BlobInfo(digest(7), 7));
    assertThat(conversions().publish(put)).contains(lazy.digest());
    assertThat(metadata().linkedBlob(REPOSITORY, digest(7))).isPresent();
  }

  @Test
  void enqueue_twice_once() {
    assertThat(conversions().enqueue(job(1))).isTrue();
    assertThat(conversions().enqueue(job(1))).isFalse();
    assertThat(conversions().jobs(ConversionJob.State.PENDING)).containsExactly(job(1));
  }

  @Test
  void enqueue_parked_refused() {
    conversions().enqueue(job(1));
    conversions().update(job(1).failed(ConversionJob.State.PARKED, "too large"));

    assertThat(conversions().enqueue(job(1))).isFalse();
  }

  @Test
  void jobs_severalStates_oldestFirstAndDurable() {
    conversions().enqueue(job(3));
    conversions().enqueue(job(1));
    conversions().enqueue(job(2));
    conversions().enqueue(job(4));
    var parked = job(4).failed(ConversionJob.State.PARKED, "a reason");
    conversions().update(parked);

    reopen();

    assertThat(conversions().jobs(ConversionJob.State.PENDING))
        .containsExactly(job(1), job(2), job(3));
    assertThat(conversions().jobs(ConversionJob.State.PARKED)).containsExactly(parked);
  }

  @Test
  void update_noJob_withoutEffect() {
    conversions().update(job(1));
    assertThat(conversions().jobs(ConversionJob.State.PENDING)).isEmpty();
  }

  @Test
  void publish_indexWithChildren_everythingAtOnce() {
    metadata().putManifest(put(REPOSITORY, ORIGINAL));
    var child = image(11);
    var lazy = index(List.of(child));
    var put = lazyView(child, lazy);
    conversions().enqueue(ConversionJob.first(REPOSITORY, IMAGE, Fixtures.TIME));

    assertThat(conversions().publish(put)).contains(lazy.digest());

    reopen();
    assertThat(conversions().lazyView(REPOSITORY, IMAGE)).contains(lazy.digest());
    assertThat(metadata().manifest(REPOSITORY, lazy.digest())).contains(lazy);
    assertThat(metadata().manifest(REPOSITORY, child.digest())).contains(child);
    assertThat(metadata().parents(REPOSITORY, child.digest())).containsExactly(lazy.digest());
    assertThat(metadata().tags(REPOSITORY, "", 10)).isEmpty();
    assertThat(conversions().jobs(ConversionJob.State.PENDING)).isEmpty();
  }

  @Test
  void publish_again_replacesTheViewAndKeepsItsManifest() {
    metadata().putManifest(put(REPOSITORY, ORIGINAL));
    var first = image(1);
    var second = image(2);
    conversions().publish(lazyView(first));

    assertThat(conversions().publish(lazyView(second))).contains(second.digest());

    assertThat(conversions().lazyView(REPOSITORY, IMAGE)).contains(second.digest());
    assertThat(metadata().manifest(REPOSITORY, first.digest())).contains(first);
  }

  @Test
  void publish_imageDeletedMeanwhile_nothingComesBack() {
    conversions().enqueue(ConversionJob.first(REPOSITORY, IMAGE, Fixtures.TIME));

    assertThat(conversions().publish(lazyView(image(1)))).isEmpty();

    assertThat(metadata().manifest(REPOSITORY, image(1).digest())).isEmpty();
    assertThat(conversions().jobs(ConversionJob.State.PENDING)).isEmpty();
  }

  @Test
  void drop_job_canBeOfferedAgain() {
    conversions().enqueue(job(1));
    conversions().update(job(1).failed(ConversionJob.State.PARKED, "gone"));

    conversions().drop(job(1));

    assertThat(conversions().jobs(ConversionJob.State.PARKED)).isEmpty();
    assertThat(conversions().enqueue(job(1))).isTrue();
  }

  @Test
  void publish_viewNotAmongManifests_refused() {
    var put = new LazyViewPut(REPOSITORY, IMAGE, digest(99), List.of(put(REPOSITORY, image(1))));
    assertThatThrownBy(() -> conversions().publish(put))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(digest(99).toString());
    assertThat(metadata().repository(REPOSITORY)).isEmpty();
  }

  @Test
  void enqueue_published_addedForWhatTheViewLacks() {
    metadata().putManifest(put(REPOSITORY, ORIGINAL));
    conversions().publish(lazyView(image(1)));
    assertThat(conversions().enqueue(ConversionJob.first(REPOSITORY, IMAGE, Fixtures.TIME)))
        .isTrue();
    assertThat(conversions().lazyView(REPOSITORY, IMAGE)).contains(image(1).digest());
  }

  @Test
  void lazyView_itsManifestDeleted_emptyAndOpenForAnother() {
    metadata().putManifest(put(REPOSITORY, ORIGINAL));
    var first = image(1);
    conversions().publish(lazyView(first));

    metadata().deleteManifest(REPOSITORY, first.digest());

    assertThat(conversions().lazyView(REPOSITORY, IMAGE)).isEmpty();
    assertThat(conversions().enqueue(ConversionJob.first(REPOSITORY, IMAGE, Fixtures.TIME)))
        .isTrue();
    assertThat(conversions().publish(lazyView(image(2)))).contains(image(2).digest());
  }

  @Test
  void lazyView_otherRepository_empty() {
    metadata().putManifest(put(REPOSITORY, ORIGINAL));
    conversions().publish(lazyView(image(1)));
    assertThat(conversions().lazyView(new RepositoryName("other"), IMAGE)).isEmpty();
  }

  private static LazyViewPut lazyView(Manifest... manifests) {
    return new LazyViewPut(
        REPOSITORY,
        IMAGE,
        List.of(manifests).getLast().digest(),
        List.of(manifests).stream().map(manifest -> put(REPOSITORY, manifest)).toList());
  }

  private LayerConversion converted(int number) {
    blobs().add(new BlobInfo(digest(number), 5_000_000_000L + number));
    return new LayerConversion.Converted(
        new BlobInfo(digest(number), 5_000_000_000L + number),
        digest(100 + number),
        digest(200 + number),
        Long.MAX_VALUE,
        digest(300 + number));
  }

  private static ConversionJob job(int number) {
    return ConversionJob.first(REPOSITORY, digest(number), Fixtures.TIME.plusNanos(number));
  }
}
