package io.lighter.storage.gc;

import static io.lighter.storage.gc.Harbour.APP;
import static io.lighter.storage.gc.Harbour.MIRROR;
import static io.lighter.storage.gc.Harbour.OTHER;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Manifest;
import io.lighter.oci.MediaTypes;
import io.lighter.oci.Tag;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.Fixtures;
import io.lighter.storage.Leases;
import io.lighter.storage.TagCondition;
import io.lighter.storage.UploadId;
import io.lighter.storage.UploadRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything that keeps manifests and blobs, one by one, and what happens without it. */
class GarbageCollectorTest {
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
  void collect_tagged_keepsManifestConfigAndLayers() {
    Manifest image = harbour.pushImage(APP, "v1");
    harbour.passRetention();

    assertThat(harbour.collect()).isEmpty();
    assertThat(harbour.isWhole(APP, image)).isTrue();
  }

  @Test
  void collect_untaggedPastGrace_removesItAndAllThatOnlyItNames() throws Exception {
    BlobInfo shared = harbour.push(APP);
    Manifest kept = harbour.pushImage(APP, List.of(shared), "kept");
    Manifest gone = harbour.pushImage(APP, List.of(shared, harbour.push(APP)), "moved");
    harbour.put(APP, kept, "moved");
    harbour.passGrace();

    assertThat(harbour.collect()).hasSize(1 + 2 + 2);

    assertThat(harbour.hasManifest(APP, gone)).isFalse();
    assertThat(harbour.isWhole(APP, kept)).isTrue();
    assertThat(Harbour.blobs(gone).filter(harbour::areHere)).containsExactly(shared.digest());
    try (var files = Files.walk(harbour.layout().blobs()).filter(Files::isRegularFile)) {
      assertThat(files).hasSize(2);
    }
    assertThat(harbour.collect()).isEmpty();
  }

  @Test
  void collect_untaggedWithinGrace_keeps() {
    Manifest image = harbour.pushImage(APP);
    assertThat(harbour.collect()).isEmpty();
    assertThat(harbour.isWhole(APP, image)).isTrue();
  }

  @Test
  void collect_manifestInSeveralRepositories_bytesGoWithTheLast() {
    Manifest image = harbour.pushImage(APP, "v1");
    Harbour.blobs(image)
        .forEach(blob -> harbour.metadata().mountBlob(OTHER, blob, Optional.empty()));
    harbour.put(OTHER, image, "v1");
    harbour.metadata().deleteTag(APP, new Tag("v1"), TagCondition.NONE);
    harbour.passGrace();

    harbour.collect();
    assertThat(harbour.hasManifest(APP, image)).isFalse();
    assertThat(harbour.isWhole(OTHER, image)).isTrue();

    harbour.metadata().deleteTag(OTHER, new Tag("v1"), TagCondition.NONE);
    harbour.collect();
    assertThat(harbour.hasManifest(OTHER, image)).isFalse();
    assertThat(Harbour.blobs(image).filter(harbour::areHere)).isEmpty();
  }

  @Test
  void collect_nestedIndexTagged_keepsChildrenAndTheirBlobs() {
    Manifest image = harbour.pushImage(APP);
    Manifest inner = harbour.pushIndex(APP, List.of(image));
    Manifest outer = harbour.pushIndex(APP, List.of(inner), "v1");
    harbour.passRetention();

    assertThat(harbour.collect()).isEmpty();
    assertThat(harbour.isWhole(APP, image)).isTrue();

    harbour.metadata().deleteTag(APP, new Tag("v1"), TagCondition.NONE);
    harbour.collect();
    assertThat(List.of(image, inner, outer)).noneMatch(each -> harbour.hasManifest(APP, each));
    assertThat(Harbour.blobs(image).filter(harbour::areHere)).isEmpty();
  }

  @Test
  void collect_indexOfBlobsAndOfWhatIsMissing_keepsTheBlobs() {
    BlobInfo cached = harbour.push(APP);
    Manifest index =
        Harbour.index(
            List.of(
                Harbour.descriptor(MediaTypes.OCI_LAYER, cached.digest(), cached.size()),
                Harbour.descriptor(MediaTypes.OCI_MANIFEST, Fixtures.digest(77), 5)),
            Optional.empty());
    harbour.metadata().putManifest(Fixtures.put(APP, index, "cache"));
    harbour.passRetention();

    assertThat(harbour.collect()).isEmpty();
    assertThat(harbour.isReadable(APP, cached.digest())).isTrue();
  }

  @Test
  void collect_referrersOfWhatIsKept_keptAndGoWithTheirSubject() {
    Manifest image = harbour.pushImage(APP, "v1");
    Manifest signature = harbour.pushReferrer(APP, image);
    Manifest ofSignature = harbour.pushReferrer(APP, signature);
    Manifest ofNothing =
        harbour.pushReferrer(APP, harbour.image(harbour.store(), List.of(), Optional.empty()));
    harbour.passRetention();

    harbour.collect();
    assertThat(harbour.isWhole(APP, signature)).isTrue();
    assertThat(harbour.isWhole(APP, ofSignature)).isTrue();
    assertThat(harbour.hasManifest(APP, ofNothing)).isFalse();

    harbour.metadata().deleteManifest(APP, image.digest());
    harbour.collect();
    assertThat(harbour.hasManifest(APP, signature)).isFalse();
    assertThat(harbour.hasManifest(APP, ofSignature)).isFalse();
    assertThat(harbour.metadata().referrers(APP, image.digest(), "", 10)).isEmpty();
  }

  @Test
  void collect_indexWhoseSubjectIsItsOwnChild_circleGoesAsAWhole() {
    Manifest child = harbour.pushImage(APP);
    Manifest index = Harbour.index(List.of(Harbour.descriptor(child)), Optional.of(child));
    harbour.put(APP, index, "v1");
    harbour.passRetention();
    assertThat(harbour.collect()).isEmpty();

    harbour.metadata().deleteTag(APP, new Tag("v1"), TagCondition.NONE);
    harbour.collect();
    assertThat(harbour.hasManifest(APP, child)).isFalse();
    assertThat(harbour.hasManifest(APP, index)).isFalse();
  }

  @Test
  void collect_blobsWhoseManifestIsNotYetPut_keptForTheGrace() {
    BlobInfo layer = harbour.push(APP);
    assertThat(harbour.collect()).isEmpty();
    harbour.clock.advance(Harbour.TIMES.grace());
    assertThat(harbour.collect()).isEmpty();

    Manifest image = harbour.pushImage(APP, List.of(layer), "v1");
    harbour.passRetention();
    harbour.collect();
    assertThat(harbour.isWhole(APP, image)).isTrue();
  }

  @Test
  void collect_uploadOpenInTheRepository_linksOfThePushStay() {
    BlobInfo layer = harbour.push(APP);
    BlobInfo elsewhere = harbour.push(OTHER);
    var upload = new UploadRecord(UploadId.random(), APP, harbour.clock.instant());
    harbour.stores().rocks().uploads().put(upload);
    harbour.passGrace();

    harbour.collect();
    assertThat(harbour.isReadable(APP, layer.digest())).isTrue();
    assertThat(harbour.isReadable(OTHER, elsewhere.digest())).isFalse();

    harbour.stores().rocks().uploads().remove(upload.id());
    harbour.collect();
    assertThat(harbour.isReadable(APP, layer.digest())).isFalse();
  }

  @Test
  void keep_askedFor_keptForAnotherGrace() {
    BlobInfo layer = harbour.push(APP);
    harbour.passGrace();
    assertThat(harbour.leases().keep(APP, layer.digest(), Leases.Use.ASK)).isTrue();

    harbour.collect();
    assertThat(harbour.isReadable(APP, layer.digest())).isTrue();

    harbour.passGrace();
    harbour.collect();
    assertThat(harbour.isReadable(APP, layer.digest())).isFalse();
    assertThat(harbour.leases().keep(APP, layer.digest(), Leases.Use.ASK)).isFalse();
  }

  @Test
  void keep_read_keptForTheRetentionWithAllItNames() {
    Manifest image = harbour.pushImage(APP);
    BlobInfo blob = harbour.push(APP);
    harbour.leases().keep(APP, image.digest(), Leases.Use.READ);
    harbour.leases().keep(APP, blob.digest(), Leases.Use.READ);
    harbour.clock.advance(Harbour.TIMES.retention());

    assertThat(harbour.collect()).isEmpty();
    harbour.reopen();
    assertThat(harbour.collect()).isEmpty();
    assertThat(harbour.isWhole(APP, image)).isTrue();

    harbour.passGrace();
    assertThat(harbour.collect()).isNotEmpty();
    assertThat(harbour.hasManifest(APP, image)).isFalse();
    assertThat(harbour.isReadable(APP, blob.digest())).isFalse();
  }

  @Test
  void keep_readThroughOneRepository_doesNotKeepTheLinkOfAnother() {
    BlobInfo blob = harbour.push(APP);
    harbour.metadata().mountBlob(OTHER, blob.digest(), Optional.of(APP));
    harbour.leases().keep(OTHER, blob.digest(), Leases.Use.READ);
    harbour.passGrace();

    assertThat(harbour.collect())
        .containsExactly(new Garbage.Link(APP, blob.digest(), blob.size()));
    assertThat(harbour.isReadable(OTHER, blob.digest())).isTrue();
  }

  @Test
  void keep_mirrored_anyUseKeepsForTheRetention() {
    BlobInfo here = harbour.store();
    BlobInfo notHere = new BlobInfo(Fixtures.digest(5), 5);
    Manifest image = harbour.pull(MIRROR, List.of(here, notHere));
    harbour.passGrace();
    assertThat(harbour.collect()).isEmpty();

    harbour.leases().keep(MIRROR, image.digest(), Leases.Use.ASK);
    harbour.clock.advance(Harbour.TIMES.retention());
    assertThat(harbour.collect()).isEmpty();
    assertThat(harbour.isReadable(MIRROR, here.digest())).isTrue();

    harbour.passGrace();
    harbour.collect();
    assertThat(harbour.hasManifest(MIRROR, image)).isFalse();
    assertThat(harbour.metadata().linkedBlob(MIRROR, notHere.digest())).isEmpty();
    assertThat(harbour.areHere(here.digest())).isFalse();
  }

  @Test
  void collect_mirroredAndTagged_keptWhetherUsedOrNot() {
    Manifest image = harbour.pull(MIRROR, List.of(harbour.store()), "latest");
    harbour.passRetention();
    harbour.passRetention();

    assertThat(harbour.collect()).isEmpty();
    assertThat(harbour.isWhole(MIRROR, image)).isTrue();
  }

  @Test
  void collect_endedLeases_forgotten() {
    BlobInfo blob = harbour.push(APP);
    harbour.pushImage(APP, List.of(blob), "v1");
    harbour.passRetention();
    harbour.collect();
    harbour.metadata().deleteTag(APP, new Tag("v1"), TagCondition.NONE);

    assertThat(harbour.collect()).isNotEmpty();
    assertThat(harbour.isReadable(APP, blob.digest())).isFalse();
  }
}
