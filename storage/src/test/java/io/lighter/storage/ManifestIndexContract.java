package io.lighter.storage;

import static io.lighter.storage.Fixtures.artifact;
import static io.lighter.storage.Fixtures.image;
import static io.lighter.storage.Fixtures.index;
import static io.lighter.storage.Fixtures.put;
import static io.lighter.storage.Fixtures.referringImage;
import static io.lighter.storage.Fixtures.referringIndex;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.MediaTypes;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How manifests of a {@link MetadataStore} know each other. A backend's test extends this. */
public abstract class ManifestIndexContract {
  private static final RepositoryName APP = new RepositoryName("team/app");

  /** Names that begin with each other are where keys could get mixed up. */
  private static final RepositoryName NEIGHBOUR = new RepositoryName("team/app2");

  private static final RepositoryName CHILD = new RepositoryName("team/app/sub");

  /** The store under test; empty when a test begins. */
  protected abstract MetadataStore metadata();

  /** Closes the store in good order and opens it again; {@link #metadata} is the new one. */
  protected abstract void reopen();

  @Test
  void parents_severalIndexes_inOrderOfTheirDigests() {
    var child = image(1);
    var indexes =
        List.of(
            index(List.of(child)),
            index(List.of(child, image(2))),
            index(List.of(image(3), child, child)));
    indexes.forEach(index -> metadata().putManifest(put(APP, index)));

    var digests = indexes.stream().map(Manifest::digest).sorted().toList();
    assertThat(metadata().parents(APP, child.digest())).isEqualTo(digests);
    assertThat(metadata().parents(APP, image(3).digest())).containsExactly(indexes.get(2).digest());
    assertThat(metadata().parents(NEIGHBOUR, child.digest())).isEmpty();

    metadata().deleteManifest(APP, indexes.getFirst().digest());
    assertThat(metadata().parents(APP, child.digest()))
        .containsExactlyInAnyOrder(indexes.get(1).digest(), indexes.get(2).digest());
  }

  @Test
  void deleteManifest_taggedReferrer_goneFromEveryIndex() {
    var subject = image(1);
    var gone = artifact(subject, 1);
    var stays = artifact(subject, 2);
    metadata().putManifest(put(APP, gone, "a", "b", "moved"));
    metadata().putManifest(put(APP, stays, "c", "moved"));
    metadata().putManifest(put(CHILD, gone, "a"));

    assertThat(metadata().deleteManifest(APP, gone.digest())).isTrue();
    assertThat(metadata().deleteManifest(APP, gone.digest())).isFalse();

    reopen();
    assertThat(metadata().manifest(APP, gone.digest())).isEmpty();
    assertThat(metadata().tags(APP, "", 10)).containsExactly(new Tag("c"), new Tag("moved"));
    assertThat(metadata().isTagged(APP, gone.digest())).isFalse();
    assertThat(metadata().referrers(APP, subject.digest(), "", 10))
        .extracting(Descriptor::digest)
        .containsExactly(stays.digest());
    assertThat(metadata().manifest(CHILD, gone.digest())).contains(gone);
    assertThat(metadata().tag(CHILD, new Tag("a"))).isPresent();
  }

  @Test
  void deleteManifest_thenPutAgain_asBefore() {
    var referrer = artifact(image(1), 1);
    metadata().putManifest(put(APP, referrer, "v1"));
    metadata().deleteManifest(APP, referrer.digest());
    metadata().putManifest(put(APP, referrer));

    assertThat(metadata().manifest(APP, referrer.digest())).contains(referrer);
    assertThat(metadata().tags(APP, "", 10)).isEmpty();
    assertThat(metadata().referrers(APP, image(1).digest(), "", 10)).hasSize(1);
  }

  @Test
  void referrers_threeKinds_artifactTypeAsSpecified() {
    var subject = image(1);
    var artifact = artifact(subject, 7);
    var image = referringImage(subject);
    var index = referringIndex(subject);
    Stream.of(artifact, image, index)
        .forEach(manifest -> metadata().putManifest(put(APP, manifest)));

    reopen();
    assertThat(metadata().referrers(APP, subject.digest(), "", 10))
        .containsExactlyInAnyOrder(
            descriptor(
                artifact, Optional.of("application/x-test"), Map.of("number", "7", "empty", "")),
            descriptor(image, Optional.of(MediaTypes.OCI_CONFIG), Map.of()),
            descriptor(index, Optional.empty(), Map.of()));
    assertThat(metadata().referrers(APP, artifact.digest(), "", 10)).isEmpty();
    assertThat(metadata().referrers(NEIGHBOUR, subject.digest(), "", 10)).isEmpty();
  }

  @Test
  void referrers_pages_inOrderOfTheirDigests() {
    var subject = image(1);
    var digests =
        IntStream.range(0, 10)
            .mapToObj(number -> artifact(subject, number))
            .peek(manifest -> metadata().putManifest(put(APP, manifest)))
            .map(Manifest::digest)
            .sorted()
            .toList();

    assertThat(Pages.all(after -> referrers(subject, after, 3))).isEqualTo(digests);
    assertThat(referrers(subject, "sha256", 3)).isEqualTo(digests.subList(0, 3));
    assertThat(referrers(subject, "sha256:zzz", 3)).isEmpty();
  }

  private List<Digest> referrers(Manifest subject, String after, int limit) {
    return metadata().referrers(APP, subject.digest(), after, limit).stream()
        .map(Descriptor::digest)
        .toList();
  }

  private static Descriptor descriptor(
      Manifest manifest, Optional<String> artifactType, Map<String, String> annotations) {
    return new Descriptor(
        manifest.mediaType(),
        manifest.digest(),
        manifest.content().length,
        artifactType,
        annotations,
        Optional.empty(),
        false);
  }
}
