package io.lighter.storage.gc;

import static io.lighter.storage.gc.Harbour.APP;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Manifest;
import io.lighter.oci.Tag;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.Fixtures;
import io.lighter.storage.LayerConversion;
import io.lighter.storage.TagCondition;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps lazy views, results of conversion and images that wait for one, and when they go. */
class GarbageConversionTest {
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
  void collect_lazyViewOfWhatIsKept_keptUntilReplaced() {
    Manifest original = harbour.pushImage(APP, "v1");
    Manifest first = harbour.publish(APP, original);
    harbour.passRetention();
    harbour.collect();
    assertThat(harbour.isWhole(APP, first)).isTrue();

    Manifest second = harbour.publish(APP, original);
    harbour.passRetention();
    harbour.collect();
    assertThat(harbour.hasManifest(APP, first)).isFalse();
    assertThat(harbour.isWhole(APP, second)).isTrue();
    assertThat(harbour.conversions().lazyView(APP, original.digest())).contains(second.digest());

    harbour.metadata().deleteManifest(APP, original.digest());
    harbour.collect();
    assertThat(harbour.hasManifest(APP, second)).isFalse();
    assertThat(Harbour.blobs(second).filter(harbour::areHere)).isEmpty();
    assertThat(harbour.conversions().lazyView(APP, original.digest())).isEmpty();
  }

  @Test
  void collect_lazyManifestDeletedByAClient_noteOfTheViewGoes() {
    Manifest original = harbour.pushImage(APP, "v1");
    harbour.metadata().deleteManifest(APP, harbour.publish(APP, original).digest());

    assertThat(harbour.collect()).containsExactly(new Garbage.LazyView(APP, original.digest()));
  }

  @Test
  void collect_pendingConversion_keepsTheImage() {
    Manifest image = harbour.pushImage(APP);
    var job = ConversionJob.first(APP, image.digest(), harbour.clock.instant());
    harbour.conversions().enqueue(job);
    harbour.passRetention();
    harbour.collect();
    assertThat(harbour.isWhole(APP, image)).isTrue();

    harbour.conversions().update(job.failed(ConversionJob.State.PARKED, "no tar"));
    harbour.collect();
    assertThat(harbour.hasManifest(APP, image)).isFalse();
  }

  @Test
  void collect_conversionResultThatNoImageHas_goesAfterTheGrace() {
    BlobInfo layer = harbour.push(APP);
    harbour.pushImage(APP, List.of(layer), "v1");
    BlobInfo converted = harbour.store();
    harbour.conversions().recordLayer(layer.digest(), "r", Harbour.result(converted));
    assertThat(harbour.collect()).isEmpty();

    harbour.passGrace();
    assertThat(harbour.dryRun()).hasSize(2);
    assertThat(harbour.collect())
        .containsExactlyInAnyOrder(
            new Garbage.Conversion(layer.digest(), "r"),
            new Garbage.Blob(converted.digest(), converted.size()));
    assertThat(harbour.conversions().layer(layer.digest(), "r")).isEmpty();
    assertThat(harbour.areHere(converted.digest())).isFalse();
  }

  @Test
  void collect_conversionResultWhileAnImageWaits_staysAndGoesWhenNoneDoes() {
    BlobInfo layer = harbour.push(APP);
    Manifest image = harbour.pushImage(APP, List.of(layer), "v1");
    var job = ConversionJob.first(APP, image.digest(), harbour.clock.instant());
    harbour.conversions().enqueue(job);
    BlobInfo converted = harbour.store();
    harbour.conversions().recordLayer(layer.digest(), "r", Harbour.result(converted));
    harbour.passRetention();
    assertThat(harbour.dryRun()).isEmpty();
    assertThat(harbour.collect()).isEmpty();

    harbour.conversions().update(job.failed(ConversionJob.State.PARKED, "no tar"));
    assertThat(harbour.collect()).hasSize(2);
    assertThat(harbour.areHere(converted.digest())).isFalse();
  }

  @Test
  void collect_conversionResult_keptAsLongAsItsLayerAndItAreLinked() {
    BlobInfo layer = harbour.push(APP);
    BlobInfo converted = harbour.push(APP);
    harbour.pushImage(APP, List.of(layer, converted), "v1");
    harbour.conversions().recordLayer(layer.digest(), "r", Harbour.result(converted));
    harbour
        .conversions()
        .recordLayer(Fixtures.digest(1), "r", new LayerConversion.Unconvertible("no tar"));
    harbour.passRetention();

    assertThat(harbour.collect()).containsExactly(new Garbage.Conversion(Fixtures.digest(1), "r"));
    assertThat(harbour.areHere(converted.digest())).isTrue();
    assertThat(harbour.conversions().layer(layer.digest(), "r")).isPresent();

    harbour.metadata().deleteTag(APP, new Tag("v1"), TagCondition.NONE);
    harbour.collect();
    assertThat(harbour.conversions().layer(layer.digest(), "r")).isEmpty();
    assertThat(harbour.areHere(converted.digest())).isFalse();
  }

  @Test
  void collect_resultNotRecordedYet_keptForTheGrace() {
    BlobInfo converted = harbour.store();
    assertThat(harbour.collect()).isEmpty();

    harbour.passGrace();
    assertThat(harbour.collect())
        .containsExactly(new Garbage.Blob(converted.digest(), converted.size()));
  }
}
