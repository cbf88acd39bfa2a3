package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertError;
import static io.lighter.conformance.ImageTest.assertPulled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.restassured.response.Response;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Manifests that name what the repository does not have: refused, but taken by the repositories
 * that the registry is said to keep sparse ({@link Registry#SPARSE}).
 */
@ExtendWith(RegistryExtension.class)
class SparseTest {
  private final Registry registry;
  private final Content config = Manifests.config();
  private final Content missing = Manifests.layer(100);

  SparseTest(Registry registry) {
    this.registry = registry;
  }

  @Test
  void sparse_missingLayer_accepted() {
    var repository = sparse();
    var image = Manifests.image(config, List.of(missing));
    repository.tag("sparse", image);
    assertPulled(repository.manifest("sparse"), image, image.digest());
    assertError(repository.blob(missing.digest()), 404, "BLOB_UNKNOWN");
  }

  @Test
  void sparse_missingChild_accepted() {
    var repository = sparse();
    var present = repository.pushImage();
    var index = Manifests.index(List.of(present, Manifests.image(Manifests.config(), List.of())));
    repository.tag("sparse", index);
    assertPulled(repository.manifest("sparse"), index, index.digest());
  }

  @Test
  void sparse_childPushedLater_pulled() {
    var repository = sparse();
    var child = Manifests.image(config, List.of());
    repository.tag("sparse", Manifests.index(List.of(child)));
    assertError(repository.manifest(child.digest()), 404, "MANIFEST_UNKNOWN");
    repository.pushManifest(HashFunction.SHA256, child);
    assertPulled(repository.manifest(child.digest()), child, child.digest());
  }

  @Test
  void sparse_incomplete_warnedOfWhatIsMissing() {
    var repository = sparse();
    var present = repository.pushImage();
    var absent = Manifests.image(Manifests.config(), List.of());

    var ofIndex = repository.putManifest("index", Manifests.index(List.of(present, absent)));
    assertThat(ofIndex.statusCode()).isEqualTo(201);
    assertWarning(ofIndex).contains(absent.digest()).doesNotContain(present.digest());
    var ofImage = repository.putManifest("image", Manifests.image(config, List.of(missing)));
    assertThat(ofImage.statusCode()).isEqualTo(201);
    assertWarning(ofImage).contains(missing.digest()).doesNotContain(config.digest());
  }

  @Test
  void sparse_muchMissing_warningStaysShort() {
    var absent =
        Stream.generate(() -> Manifests.image(Manifests.config(), List.of())).limit(200).toList();
    var response = sparse().putManifest("index", Manifests.index(absent));
    assertThat(response.statusCode()).isEqualTo(201);
    assertWarning(response).contains("more");
  }

  @Test
  void sparse_complete_notWarned() {
    var repository = sparse();
    var layer = Manifests.layer(10);
    repository.push(layer);
    var image = Manifests.image(config, List.of(layer));
    var ofImage = repository.putManifest("image", image);
    assertThat(ofImage.statusCode()).isEqualTo(201);
    assertThat(ofImage.header("Warning")).isNull();
    // Build caches list blobs as children.
    var ofIndex = repository.putManifest("index", Manifests.index(List.of(image, layer)));
    assertThat(ofIndex.statusCode()).isEqualTo(201);
    assertThat(ofIndex.header("Warning")).isNull();
  }

  @Test
  void missingLayer_refusedWithItsDigest() {
    assertMissing(complete(), Manifests.image(config, List.of(missing)), missing);
  }

  @Test
  void missingConfig_refusedWithItsDigest() {
    var repository = complete();
    var layer = Manifests.layer(10);
    repository.push(layer);
    var unknown = Manifests.config();
    assertMissing(repository, Manifests.image(unknown, List.of(layer)), unknown);
  }

  @Test
  void missingChild_refusedWithItsDigest() {
    var child = Manifests.image(config, List.of());
    assertMissing(complete(), Manifests.index(List.of(child)), child);
  }

  @Test
  void blobOfOtherRepository_isMissing() {
    var repository = complete();
    registry.repository().push(missing);
    assertMissing(repository, Manifests.image(config, List.of(missing)), missing);
  }

  private Repository sparse() {
    return withConfig(registry.sparseRepository());
  }

  private Repository complete() {
    return withConfig(registry.completeRepository());
  }

  private Repository withConfig(Optional<Repository> repository) {
    assumeThat(repository).as("the registry has such repositories").isPresent();
    repository.orElseThrow().push(config);
    return repository.orElseThrow();
  }

  /** Its form is the specification's: code 299, no agent, no date, 4096 bytes at most. */
  private static AbstractStringAssert<?> assertWarning(Response response) {
    return assertThat(String.join("", response.headers().getValues("Warning")))
        .hasSizeLessThanOrEqualTo(4096)
        .matches("299 - \"[^\"\\\\]+\"");
  }

  private static void assertMissing(Repository repository, Content manifest, Content what) {
    var response = repository.putManifest("incomplete", manifest);
    assertError(response, 400, "MANIFEST_BLOB_UNKNOWN");
    assertThat(response.jsonPath().getString("errors[0].detail")).contains(what.digest());
    assertThat(repository.headManifest("incomplete").statusCode()).isEqualTo(404);
    assertThat(repository.headManifest(manifest.digest()).statusCode()).isEqualTo(404);
  }
}
