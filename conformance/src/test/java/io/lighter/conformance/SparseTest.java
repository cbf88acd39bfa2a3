package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertError;
import static io.lighter.conformance.ImageTest.assertPulled;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Manifests that name what the repository does not have: refused, unless the registry is said to
 * take them by the system property {@value Registry#SPARSE}.
 */
@ExtendWith(RegistryExtension.class)
class SparseTest {
  private final Repository repository;
  private final Content config = Manifests.config();
  private final Content missing = Manifests.layer(100);

  SparseTest(Registry registry) {
    this.repository = registry.repository();
    repository.push(config);
  }

  @Test
  @EnabledIfSystemProperty(named = Registry.SPARSE, matches = "true")
  void sparse_missingLayer_accepted() {
    var image = Manifests.image(config, List.of(missing));
    repository.tag("sparse", image);
    assertPulled(repository.manifest("sparse"), image, image.digest());
  }

  @Test
  @EnabledIfSystemProperty(named = Registry.SPARSE, matches = "true")
  void sparse_missingChild_accepted() {
    var present = repository.pushImage();
    var index = Manifests.index(List.of(present, Manifests.image(Manifests.config(), List.of())));
    repository.tag("sparse", index);
    assertPulled(repository.manifest("sparse"), index, index.digest());
  }

  @Test
  @DisabledIfSystemProperty(named = Registry.SPARSE, matches = "true")
  void missingLayer_refusedWithItsDigest() {
    assertMissing(Manifests.image(config, List.of(missing)), missing);
  }

  @Test
  @DisabledIfSystemProperty(named = Registry.SPARSE, matches = "true")
  void missingConfig_refusedWithItsDigest() {
    var layer = Manifests.layer(10);
    repository.push(layer);
    var unknown = Manifests.config();
    assertMissing(Manifests.image(unknown, List.of(layer)), unknown);
  }

  @Test
  @DisabledIfSystemProperty(named = Registry.SPARSE, matches = "true")
  void missingChild_refusedWithItsDigest() {
    var child = Manifests.image(config, List.of());
    assertMissing(Manifests.index(List.of(child)), child);
  }

  @Test
  @DisabledIfSystemProperty(named = Registry.SPARSE, matches = "true")
  void blobOfOtherRepository_isMissing(Registry registry) {
    registry.repository().push(missing);
    assertMissing(Manifests.image(config, List.of(missing)), missing);
  }

  private void assertMissing(Content manifest, Content what) {
    var response = repository.putManifest("incomplete", manifest);
    assertError(response, 400, "MANIFEST_BLOB_UNKNOWN");
    assertThat(response.jsonPath().getString("errors[0].detail")).contains(what.digest());
    assertThat(repository.headManifest("incomplete").statusCode()).isEqualTo(404);
    assertThat(repository.headManifest(manifest.digest()).statusCode()).isEqualTo(404);
  }
}
