package io.lighter.storage.gc;

import static io.lighter.storage.Fixtures.bytes;
import static io.lighter.storage.Fixtures.readAll;
import static io.lighter.storage.gc.Harbour.APP;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.UploadId;
import io.lighter.storage.UploadRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run says, dry or not, and which files it removes; it runs alone and can be stopped. */
class GarbageRunTest {
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
  void dryRun_everyKind_removesNothingAndSaysWhatARunRemoves() throws Exception {
    Manifest image = harbour.pushImage(APP);
    Manifest lazy = harbour.publish(APP, image);
    harbour.pushIndex(APP, List.of(image));
    BlobInfo layer = harbour.push(APP);
    harbour.conversions().recordLayer(layer.digest(), "r", Harbour.result(harbour.store()));
    BlobInfo unknown = harbour.store();
    harbour.index().remove(unknown.digest());
    oldUpload(UploadId.random());
    harbour.passRetention();

    List<Garbage> said = harbour.dryRun();

    assertThat(said)
        .<Class<?>>extracting(Object::getClass)
        .contains(
            Garbage.Manifest.class,
            Garbage.Link.class,
            Garbage.Conversion.class,
            Garbage.Blob.class,
            Garbage.UnknownFile.class,
            Garbage.UnknownUpload.class);

    assertThat(harbour.isWhole(APP, image)).isTrue();
    assertThat(harbour.isWhole(APP, lazy)).isTrue();
    assertThat(harbour.isReadable(APP, layer.digest())).isTrue();
    assertThat(harbour.layout().blob(unknown.digest())).exists();
    assertThat(harbour.dryRun()).containsExactlyInAnyOrderElementsOf(said);
    assertThat(harbour.collect()).containsExactlyInAnyOrderElementsOf(said);
  }

  @Test
  void collect_readerHasTheBlobOpen_readsToTheEnd() {
    BlobInfo blob = harbour.store();
    harbour.passGrace();
    try (var source = harbour.stores().blobs().open(blob.digest())) {
      assertThat(harbour.collect()).hasSize(1);
      assertThat(harbour.layout().blob(blob.digest())).doesNotExist();
      assertThat(Digest.ofSha256(readAll(source))).isEqualTo(blob.digest());
    }
    assertThat(harbour.stores().blobs().tryOpen(blob.digest())).isEmpty();
  }

  @Test
  void collect_filesThatNothingKnows_goAndOthersStay() throws Exception {
    BlobInfo unknown = harbour.store();
    harbour.index().remove(unknown.digest());
    Path foreign = Files.writeString(harbour.layout().blobs().resolve("sha256/README"), "mine");
    var open = UploadId.random();
    harbour.stores().rocks().uploads().put(new UploadRecord(open, APP, harbour.clock.instant()));
    var orphan = UploadId.random();
    var young = UploadId.random();
    oldUpload(open);
    oldUpload(orphan);
    harbour.passGrace();
    Files.setLastModifiedTime(oldUpload(young), FileTime.from(harbour.clock.instant()));

    assertThat(harbour.collect())
        .containsExactlyInAnyOrder(
            new Garbage.UnknownFile(unknown.digest(), unknown.size()),
            new Garbage.UnknownUpload(orphan, 10));

    assertThat(harbour.layout().blob(unknown.digest())).doesNotExist();
    assertThat(foreign).exists();
    assertThat(harbour.layout().upload(orphan)).doesNotExist();
    assertThat(harbour.layout().upload(open)).exists();
    assertThat(harbour.layout().upload(young)).exists();
  }

  @Test
  void run_whileAnotherRuns_nothing() {
    harbour.store();
    harbour.passGrace();
    var collector = harbour.collector(harbour.files());
    var second = new AtomicReference<Optional<GarbageTotals>>(Optional.of(GarbageTotals.NONE));

    var first = collector.run(false, _ -> second.set(collector.run(false, _ -> {})));

    assertThat(second.get()).isEmpty();
    assertThat(first.orElseThrow().blobs()).isEqualTo(1);
    assertThat(collector.run(false, _ -> {})).isPresent();
  }

  @Test
  void stop_underWay_endsBeforeTheEndAndSaysSo() {
    harbour.store();
    harbour.passGrace();
    var collector = harbour.collector(harbour.files());

    var totals = collector.run(false, _ -> collector.stop()).orElseThrow();

    assertThat(totals.complete()).isFalse();
    assertThat(totals.blobs()).isEqualTo(1);
    assertThat(collector.run(false, _ -> {}).orElseThrow().complete()).isFalse();
  }

  private Path oldUpload(UploadId id) throws Exception {
    return Files.write(harbour.layout().upload(id), bytes(1, 10));
  }
}
