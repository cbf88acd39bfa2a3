package io.lighter.storage.rocksdb;

import static io.lighter.storage.Fixtures.bytes;
import static io.lighter.storage.Fixtures.commit;
import static io.lighter.storage.Fixtures.digest;
import static io.lighter.storage.Fixtures.image;
import static io.lighter.storage.Fixtures.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.Dangling;
import io.lighter.storage.LayerConversion;
import io.lighter.storage.ManifestPut;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.OpenStores;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.StorageException;
import io.lighter.storage.TagCondition;
import io.lighter.storage.VerificationPass;
import io.lighter.storage.VerificationStore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksVerificationStoreTest {
  private static final RepositoryName HOSTED = new RepositoryName("team/app");
  private static final RepositoryName MIRRORED = new RepositoryName("docker.io/library/app");

  @TempDir Path root;
  private OpenStores stores;
  private MetadataStore metadata;
  private VerificationStore verification;

  @BeforeEach
  void open() {
    stores = new OpenStores(root);
    metadata = stores.rocks().metadata();
    verification = stores.rocks().verification();
  }

  @AfterEach
  void close() {
    stores.close();
  }

  @Test
  void blobs_pageByPage_allInOrder() {
    List<BlobInfo> expected =
        IntStream.range(0, 25)
            .mapToObj(number -> commit(stores.blobs(), bytes(number, 10 + number)))
            .sorted((a, b) -> a.digest().compareTo(b.digest()))
            .toList();

    List<BlobInfo> first = verification.blobs("", 10);
    List<BlobInfo> second = verification.blobs(first.getLast().digest().toString(), 10);
    List<BlobInfo> third = verification.blobs(second.getLast().digest().toString(), 10);

    assertThat(first).isEqualTo(expected.subList(0, 10));
    assertThat(second).isEqualTo(expected.subList(10, 20));
    assertThat(third).isEqualTo(expected.subList(20, 25));
  }

  @Test
  void dangling_everythingThere_none() {
    metadata.linkBlob(HOSTED, RepositoryKind.HOSTED, commit(stores.blobs(), bytes(1, 10)));
    metadata.putManifest(put(HOSTED, image(1), "v1"));

    assertThat(verification.dangling(HOSTED)).isEmpty();
  }

  @Test
  void dangling_linkWithoutBlob_found() {
    BlobInfo blob = commit(stores.blobs(), bytes(1, 10));
    metadata.linkBlob(HOSTED, RepositoryKind.HOSTED, blob);
    stores.blobs().delete(blob.digest());

    assertThat(verification.dangling(HOSTED))
        .containsExactly(
            new Dangling(HOSTED, blob.digest(), "linked, but the store does not have this blob"));
  }

  @Test
  void dangling_damagedBlob_isReportedAsThatOnly() {
    BlobInfo blob = commit(stores.blobs(), bytes(1, 10));
    metadata.linkBlob(HOSTED, RepositoryKind.HOSTED, blob);
    stores.rocks().blobIndex().markDamaged(blob);

    assertThat(verification.dangling(HOSTED)).isEmpty();
    assertThat(verification.damagedBlobs()).containsExactly(blob);
  }

  @Test
  void damagedBlobs_linkedNowhereAnyMore_forgotten() {
    BlobInfo blob = commit(stores.blobs(), bytes(1, 10));
    metadata.linkBlob(HOSTED, RepositoryKind.HOSTED, blob);
    stores.rocks().blobIndex().markDamaged(blob);
    metadata.unlinkBlob(HOSTED, blob.digest());

    assertThat(verification.damagedBlobs()).isEmpty();
    assertThat(stores.rocks().blobIndex().isDamaged(blob.digest())).isFalse();
  }

  @Test
  void dangling_mirroredRepositoryNamesWhatWasNotPulled_none() {
    metadata.linkBlob(MIRRORED, RepositoryKind.MIRRORED, new BlobInfo(digest(1), 10));

    assertThat(verification.dangling(MIRRORED)).isEmpty();
  }

  @Test
  void forgetManifestBytes_hosted_damagedUntilPushedAgain() {
    metadata.putManifest(put(HOSTED, image(1), "v1"));

    verification.forgetManifestBytes(image(1).digest());

    assertThatThrownBy(() -> metadata.manifest(HOSTED, image(1).digest()))
        .isInstanceOf(StorageException.Corrupt.class);
    assertThat(verification.dangling(HOSTED))
        .containsExactly(
            new Dangling(HOSTED, image(1).digest(), "the bytes of this manifest are missing"));

    metadata.putManifest(put(HOSTED, image(1), "v1"));
    assertThat(metadata.manifest(HOSTED, image(1).digest())).contains(image(1));
    assertThat(verification.dangling(HOSTED)).isEmpty();
  }

  @Test
  void forgetManifestBytes_mirrored_manifestIsForgotten() {
    metadata.putManifest(
        new ManifestPut(
            MIRRORED,
            RepositoryKind.MIRRORED,
            image(1),
            image(1).view(),
            List.of(),
            TagCondition.NONE,
            Instant.EPOCH,
            List.of(),
            false));

    verification.forgetManifestBytes(image(1).digest());

    assertThat(metadata.manifest(MIRRORED, image(1).digest())).isEmpty();
  }

  @Test
  void forgetConversionsInto_thatBlobOnly() {
    BlobInfo first = commit(stores.blobs(), bytes(1, 10));
    record(digest(1), first);
    record(digest(2), commit(stores.blobs(), bytes(2, 10)));

    assertThat(verification.forgetConversionsInto(first.digest())).isTrue();
    assertThat(verification.forgetConversionsInto(first.digest())).isFalse();

    assertThat(stores.rocks().conversions().layer(digest(1), "recipe")).isEmpty();
    assertThat(stores.rocks().conversions().layer(digest(2), "recipe")).isPresent();
  }

  private void record(Digest source, BlobInfo converted) {
    stores
        .rocks()
        .conversions()
        .recordLayer(
            source,
            "recipe",
            new LayerConversion.Converted(converted, digest(3), digest(4), 100, digest(5)));
  }

  @Test
  void note_survivesAReopening() {
    VerificationPass pass =
        VerificationPass.begun(Instant.parse("2026-11-01T12:00:00.5Z"))
            .withBlob(new BlobInfo(digest(1), 1000), 1)
            .in(VerificationPass.Phase.REPOSITORIES)
            .withRepository("team/app", 2);
    assertThat(verification.lastPass()).isEmpty();

    verification.note(pass);
    close();
    open();

    assertThat(verification.lastPass()).contains(pass);
  }
}
