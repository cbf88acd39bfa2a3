package io.lighter.storage;

import static io.lighter.storage.Fixtures.TIME;
import static io.lighter.storage.Fixtures.digest;
import static io.lighter.storage.Fixtures.image;
import static io.lighter.storage.Fixtures.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import io.lighter.oci.Manifest;
import io.lighter.oci.MediaTypes;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What every {@link MetadataStore} does. A backend's test extends this. */
public abstract class MetadataStoreContract {
  private static final RepositoryName APP = new RepositoryName("team/app");

  /** Names that begin with each other are where keys could get mixed up. */
  private static final RepositoryName NEIGHBOUR = new RepositoryName("team/app2");

  private static final RepositoryName CHILD = new RepositoryName("team/app/sub");
  private static final BlobInfo BLOB = new BlobInfo(digest(1), 6_000_000_000L);

  /** The store under test; empty when a test begins. */
  protected abstract MetadataStore metadata();

  /** The index of blobs of the same store. */
  protected abstract BlobIndex blobs();

  /** Closes the store in good order and opens it again; {@link #metadata} is the new one. */
  protected abstract void reopen();

  @Test
  void repository_unknown_empty() {
    assertThat(metadata().repository(APP)).isEmpty();
    assertThat(metadata().repositories("", 10)).isEmpty();
    assertThat(metadata().tags(APP, "", 10)).isEmpty();
  }

  @Test
  void linkBlob_newRepository_createdWithItsKind() {
    metadata().linkBlob(APP, RepositoryKind.MIRRORED, BLOB);
    linkHosted(NEIGHBOUR);

    reopen();
    assertThat(metadata().repository(APP)).contains(RepositoryKind.MIRRORED);
    assertThat(metadata().repository(NEIGHBOUR)).contains(RepositoryKind.HOSTED);
  }

  @Test
  void linkBlob_existingRepository_keepsItsKind() {
    blobs().add(BLOB);
    metadata().putManifest(put(APP, image(1)));
    metadata().linkBlob(APP, RepositoryKind.MIRRORED, BLOB);
    assertThat(metadata().repository(APP)).contains(RepositoryKind.HOSTED);
  }

  @Test
  void linkedBlob_linkedElsewhere_empty() {
    linkHosted(APP);

    reopen();
    assertThat(metadata().linkedBlob(APP, BLOB.digest())).contains(BLOB);
    assertThat(metadata().linkedBlob(APP, digest(2))).isEmpty();
    assertThat(metadata().linkedBlob(NEIGHBOUR, BLOB.digest())).isEmpty();
    assertThat(metadata().linkedBlob(CHILD, BLOB.digest())).isEmpty();
  }

  @Test
  void pushedBytes_blobInSeveralRepositories_countsOnceForTheirNamespace() {
    BlobInfo other = new BlobInfo(digest(2), 5);
    blobs().add(BLOB);
    blobs().add(other);
    for (RepositoryName name :
        List.of(APP, NEIGHBOUR, new RepositoryName("team"), new RepositoryName("team2/app"))) {
      metadata().linkBlob(name, RepositoryKind.HOSTED, BLOB);
    }
    metadata().linkBlob(CHILD, RepositoryKind.HOSTED, other);
    metadata().linkBlob(CHILD, RepositoryKind.HOSTED, other);
    metadata().linkBlob(new RepositoryName("up.example/x"), RepositoryKind.MIRRORED, BLOB);

    reopen();
    assertThat(metadata().pushedBytes("team")).isEqualTo(BLOB.size() + 5);
    assertThat(metadata().pushedBytes("team2")).isEqualTo(BLOB.size());
    assertThat(metadata().pushedBytes("up.example")).isZero();
    assertThat(metadata().pushedBytes("", 10))
        .containsExactly(
            new NamespaceBytes("team", BLOB.size() + 5), new NamespaceBytes("team2", BLOB.size()));
    assertThat(metadata().pushedBytes("", 1)).extracting("namespace").containsExactly("team");
    assertThat(metadata().pushedBytes("team", 1)).extracting("namespace").containsExactly("team2");
    assertThat(metadata().pushedBytes("team2", 1)).isEmpty();
    assertThat(metadata().isPushed("team", other.digest())).isTrue();
    assertThat(metadata().isPushed("team2", other.digest())).isFalse();

    metadata().unlinkBlob(APP, BLOB.digest());
    metadata().unlinkBlob(NEIGHBOUR, BLOB.digest());
    assertThat(metadata().pushedBytes("team")).isEqualTo(BLOB.size() + 5);
    metadata().unlinkBlob(new RepositoryName("team"), BLOB.digest());
    assertThat(metadata().pushedBytes("team")).isEqualTo(5);
    assertThat(metadata().pushedBytes("team2")).isEqualTo(BLOB.size());
  }

  @Test
  void unlinkBlob_linked_goneFromThisRepositoryOnly() {
    linkHosted(APP);
    linkHosted(CHILD);

    assertThat(metadata().unlinkBlob(APP, BLOB.digest())).isTrue();
    assertThat(metadata().unlinkBlob(APP, BLOB.digest())).isFalse();

    reopen();
    assertThat(metadata().linkedBlob(APP, BLOB.digest())).isEmpty();
    assertThat(metadata().linkedBlob(CHILD, BLOB.digest())).contains(BLOB);
    assertThat(metadata().repository(APP)).isPresent();
  }

  @Test
  void unlinkBlob_namedByAManifest_blobInUseUntilThatIsGone() {
    var image = image(1);
    BlobInfo config =
        new BlobInfo(
            image.view().config().orElseThrow().digest(),
            image.view().config().orElseThrow().size());
    blobs().add(config);
    metadata().linkBlob(APP, RepositoryKind.HOSTED, config);
    metadata().linkBlob(CHILD, RepositoryKind.HOSTED, config);
    metadata().putManifest(put(APP, image));

    assertThatThrownBy(() -> metadata().unlinkBlob(APP, config.digest()))
        .isInstanceOf(StorageException.BlobInUse.class)
        .hasMessageContaining(image.digest().toString());
    assertThat(metadata().linkedBlob(APP, config.digest())).contains(config);
    assertThat(metadata().unlinkBlob(CHILD, config.digest())).isTrue();

    metadata().deleteManifest(APP, image.digest());
    assertThat(metadata().unlinkBlob(APP, config.digest())).isTrue();
  }

  @Test
  void hostedHolder_findsHostedRepositoriesOnly() {
    metadata().linkBlob(APP, RepositoryKind.MIRRORED, BLOB);
    assertThat(metadata().hostedHolder(BLOB.digest())).isEmpty();

    linkHosted(CHILD);
    reopen();
    assertThat(metadata().hostedHolder(BLOB.digest())).contains(CHILD);

    metadata().unlinkBlob(CHILD, BLOB.digest());
    assertThat(metadata().hostedHolder(BLOB.digest())).isEmpty();
  }

  @Test
  void linkBlob_hostedAndNoBytes_refused() {
    assertThatThrownBy(() -> metadata().linkBlob(APP, RepositoryKind.HOSTED, BLOB))
        .isInstanceOf(StorageException.BlobMissing.class);
    assertThat(metadata().linkedBlob(APP, BLOB.digest())).isEmpty();
    assertThat(metadata().repository(APP)).isEmpty();
  }

  @Test
  void mountBlob_fromHosted_linkedInBoth() {
    linkHosted(APP);
    assertThat(metadata().mountBlob(CHILD, BLOB.digest(), Optional.of(APP))).contains(BLOB);
    assertThat(metadata().mountBlob(NEIGHBOUR, BLOB.digest(), Optional.empty())).contains(BLOB);

    reopen();
    assertThat(metadata().linkedBlob(CHILD, BLOB.digest())).contains(BLOB);
    assertThat(metadata().linkedBlob(NEIGHBOUR, BLOB.digest())).contains(BLOB);
    assertThat(metadata().repository(CHILD)).contains(RepositoryKind.HOSTED);
  }

  @Test
  void mountBlob_fromWhoeverDoesNotHaveItOrIsMirrored_nothingHappens() {
    blobs().add(BLOB);
    metadata().linkBlob(APP, RepositoryKind.MIRRORED, BLOB);
    metadata().putManifest(put(CHILD, image(1)));
    for (RepositoryName from : List.of(APP, CHILD, NEIGHBOUR)) {
      assertThat(metadata().mountBlob(NEIGHBOUR, BLOB.digest(), Optional.of(from))).isEmpty();
    }
    assertThat(metadata().mountBlob(NEIGHBOUR, BLOB.digest(), Optional.empty())).isEmpty();
    assertThat(metadata().repository(NEIGHBOUR)).isEmpty();
  }

  @Test
  void repositories_pages_byteWiseOrder() {
    var names =
        Stream.of("ab", "a", "a/b", "a-b", "a.b", "a_b", "a0", "b", "localhost:5000/a", "z/y/x")
            .map(RepositoryName::new)
            .toList();
    names.forEach(name -> metadata().linkBlob(name, RepositoryKind.MIRRORED, BLOB));
    var sorted = names.stream().sorted().toList();

    assertThat(metadata().repositories("", 100)).isEqualTo(sorted);
    assertThat(metadata().repositories("", 3)).isEqualTo(sorted.subList(0, 3));
    assertThat(Pages.all(after -> metadata().repositories(after, 3))).isEqualTo(sorted);
    assertThat(metadata().repositories("a/", 1)).containsExactly(new RepositoryName("a/b"));
    assertThat(metadata().repositories("zz", 5)).isEmpty();
  }

  @Test
  void tags_pages_byteWiseOrderOfThisRepository() {
    String[] tags = {"latest", "v1", "v1.0", "v1-a", "V1", "10", "9", "_x", "v1_"};
    metadata().putManifest(put(APP, image(1), tags));
    metadata().putManifest(put(NEIGHBOUR, image(1), "other"));
    metadata().putManifest(put(CHILD, image(1), "other"));
    var sorted = Stream.of(tags).map(Tag::new).sorted().toList();

    assertThat(metadata().tags(APP, "", 100)).isEqualTo(sorted);
    assertThat(Pages.all(after -> metadata().tags(APP, after, 2))).isEqualTo(sorted);
    assertThat(metadata().tags(APP, "v", 1)).containsExactly(new Tag("v1"));
    assertThat(metadata().tags(APP, "v1", 1)).containsExactly(new Tag("v1-a"));
    assertThat(metadata().tags(APP, "~", 5)).isEmpty();
  }

  @Test
  void tags_limitZero_refused() {
    assertThatThrownBy(() -> metadata().tags(APP, "", 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void putManifest_new_servedByteForByte() {
    var manifest = image(1);
    metadata().putManifest(put(APP, manifest, "v1", "latest"));

    reopen();
    var stored = metadata().manifest(APP, manifest.digest()).orElseThrow();
    assertThat(stored.content()).isEqualTo(manifest.content());
    assertThat(stored.mediaType()).isEqualTo(MediaTypes.OCI_MANIFEST);
    assertThat(metadata().manifest(NEIGHBOUR, manifest.digest())).isEmpty();
    assertThat(metadata().repository(APP)).contains(RepositoryKind.HOSTED);
    assertThat(metadata().tag(APP, new Tag("v1"))).contains(new TagRecord(manifest.digest(), TIME));
    assertThat(metadata().tag(APP, new Tag("latest")))
        .contains(new TagRecord(manifest.digest(), TIME));
    assertThat(metadata().tag(APP, new Tag("v2"))).isEmpty();
  }

  @Test
  void putManifest_sha512_servedUnderThatDigest() {
    var sha256 = image(1);
    var manifest =
        new Manifest(
            Digest.of(DigestAlgorithm.SHA512, sha256.content()),
            sha256.mediaType(),
            sha256.content());
    metadata().putManifest(put(APP, manifest, "v1"));

    assertThat(metadata().manifest(APP, manifest.digest()).orElseThrow().content())
        .isEqualTo(sha256.content());
    assertThat(metadata().manifest(APP, sha256.digest())).isEmpty();
    assertThat(metadata().isTagged(APP, manifest.digest())).isTrue();
  }

  @Test
  void putManifest_again_onlyMovesTags() {
    metadata().putManifest(put(APP, image(1), "v1"));
    metadata().putManifest(put(APP, image(2), "v2"));
    metadata().putManifest(put(APP, image(1), "v2"));

    assertThat(metadata().tags(APP, "", 10)).containsExactly(new Tag("v1"), new Tag("v2"));
    assertThat(metadata().tag(APP, new Tag("v2")).orElseThrow().digest())
        .isEqualTo(image(1).digest());
    assertThat(metadata().manifest(APP, image(2).digest())).isPresent();
  }

  @Test
  void putManifest_advertised_blobsReadableInThisRepository() {
    var manifest = image(1);
    metadata()
        .putManifest(
            new ManifestPut(
                APP,
                RepositoryKind.MIRRORED,
                manifest,
                manifest.view(),
                List.of(),
                TagCondition.NONE,
                TIME,
                List.of(Descriptor.of(MediaTypes.OCI_LAYER, BLOB.digest(), BLOB.size())),
                false));

    assertThat(metadata().linkedBlob(APP, BLOB.digest())).contains(BLOB);
    assertThat(metadata().linkedBlob(NEIGHBOUR, BLOB.digest())).isEmpty();
  }

  @Test
  void isTagged_tagMovedAndDeleted_follows() {
    metadata().putManifest(put(APP, image(1), "v1", "v2"));
    assertThat(metadata().isTagged(APP, image(1).digest())).isTrue();
    assertThat(metadata().isTagged(NEIGHBOUR, image(1).digest())).isFalse();

    metadata().putManifest(put(APP, image(2), "v1"));
    assertThat(metadata().isTagged(APP, image(1).digest())).isTrue();
    assertThat(metadata().isTagged(APP, image(2).digest())).isTrue();

    assertThat(metadata().deleteTag(APP, new Tag("v2"), TagCondition.NONE)).isTrue();
    assertThat(metadata().deleteTag(APP, new Tag("v2"), TagCondition.NONE)).isFalse();
    assertThat(metadata().isTagged(APP, image(1).digest())).isFalse();
    assertThat(metadata().manifest(APP, image(1).digest())).isPresent();
  }

  @Test
  void deleteTag_conditionNotMet_tagStays() {
    metadata().putManifest(put(APP, image(1), "v1"));
    TagCondition onlyTheSecond = current -> current.equals(Optional.of(image(2).digest()));

    assertThatThrownBy(() -> metadata().deleteTag(APP, new Tag("v1"), onlyTheSecond))
        .isInstanceOf(StorageException.TagChanged.class)
        .hasMessageContaining(image(1).digest().toString());
    assertThat(metadata().tag(APP, new Tag("v1"))).isPresent();
    assertThat(metadata().isTagged(APP, image(1).digest())).isTrue();
    assertThat(metadata().deleteTag(APP, new Tag("none"), onlyTheSecond)).isFalse();

    metadata().putManifest(put(APP, image(2), "v1"));
    assertThat(metadata().deleteTag(APP, new Tag("v1"), onlyTheSecond)).isTrue();
  }

  @Test
  void confirmTag_sameManifest_newTime() {
    metadata().putManifest(put(APP, image(1), "v1"));

    metadata().confirmTag(APP, new Tag("v1"), image(1).digest(), TIME.plusSeconds(60));
    assertThat(metadata().tag(APP, new Tag("v1")))
        .contains(new TagRecord(image(1).digest(), TIME.plusSeconds(60)));

    metadata().confirmTag(APP, new Tag("v1"), image(2).digest(), TIME.plusSeconds(90));
    metadata().confirmTag(APP, new Tag("none"), image(1).digest(), TIME);
    assertThat(metadata().tag(APP, new Tag("v1")))
        .contains(new TagRecord(image(1).digest(), TIME.plusSeconds(60)));
    assertThat(metadata().tag(APP, new Tag("none"))).isEmpty();
  }

  @Test
  void putManifest_conditionNotMet_nothingIsStored() {
    metadata().putManifest(put(APP, image(1), "v1"));

    assertThatThrownBy(() -> metadata().putManifest(onlyIfAbsent(image(2), "new", "v1")))
        .isInstanceOf(StorageException.TagChanged.class)
        .hasMessageContaining("v1")
        .hasMessageContaining(image(1).digest().toString());

    assertThat(metadata().manifest(APP, image(2).digest())).isEmpty();
    assertThat(metadata().tag(APP, new Tag("new"))).isEmpty();
    assertThat(metadata().tag(APP, new Tag("v1")).orElseThrow().digest())
        .isEqualTo(image(1).digest());
  }

  @Test
  void putManifest_onlyIfAbsentByManyAtOnce_oneSucceeds() throws Exception {
    var outcomes =
        Together.<Boolean>run(
            20,
            number ->
                () -> {
                  try {
                    metadata().putManifest(onlyIfAbsent(image(number), "v1"));
                    return true;
                  } catch (StorageException.TagChanged e) {
                    return false;
                  }
                });
    assertThat(outcomes).containsOnlyOnce(true);
  }

  private static ManifestPut onlyIfAbsent(Manifest manifest, String... tags) {
    var put = put(APP, manifest, tags);
    return new ManifestPut(
        put.repository(),
        put.kind(),
        put.manifest(),
        put.view(),
        put.tags(),
        Optional::isEmpty,
        put.at(),
        put.advertised(),
        put.complete());
  }

  @Test
  void putManifest_sameTagByManyAtOnce_oneOfThemIsTagged() throws Exception {
    Together.<Boolean>run(
        30,
        number ->
            () -> {
              metadata().putManifest(put(APP, image(number), "latest", "own-" + number));
              metadata().deleteTag(APP, new Tag("own-" + number), TagCondition.NONE);
              return true;
            });

    Digest named = metadata().tag(APP, new Tag("latest")).orElseThrow().digest();
    var tagged =
        IntStream.range(0, 30)
            .mapToObj(number -> image(number).digest())
            .filter(digest -> metadata().isTagged(APP, digest))
            .toList();
    assertThat(tagged).containsExactly(named);
  }

  private void linkHosted(RepositoryName repository) {
    blobs().add(BLOB);
    metadata().linkBlob(repository, RepositoryKind.HOSTED, BLOB);
  }
}
