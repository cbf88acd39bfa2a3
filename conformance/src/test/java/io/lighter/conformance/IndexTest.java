package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertError;
import static io.lighter.conformance.ImageTest.assertPulled;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Indexes: of images, of indexes, of nothing and of plain blobs. */
@ExtendWith(RegistryExtension.class)
class IndexTest {
  private final Repository repository;

  IndexTest(Registry registry) {
    this.repository = registry.repository();
  }

  @ParameterizedTest
  @EnumSource
  void index_ofTwoImages_wholeLife(HashFunction hash) {
    var amd64 = repository.pushImage(hash);
    var arm64 = repository.pushImage(hash);
    var index = Manifests.index(hash, List.of(amd64, arm64));
    repository.pushManifest(hash, index);
    repository.tag("multi", index);
    assertPulled(repository.manifest(index.digest(hash)), index, index.digest(hash));
    assertPulled(repository.manifest("multi"), index, index.digest());
    assertPulled(repository.manifest(amd64.digest(hash)), amd64, amd64.digest(hash));
    assertThat(repository.tags()).as("children have no tags").containsExactly("multi");
    assertThat(repository.deleteManifest("multi").statusCode()).isEqualTo(202);
    assertThat(repository.deleteManifest(index.digest(hash)).statusCode()).isEqualTo(202);
    assertPulled(repository.manifest(arm64.digest(hash)), arm64, arm64.digest(hash));
  }

  @ParameterizedTest
  @EnumSource
  void index_ofIndexes_pulled(HashFunction hash) {
    var inner = Manifests.index(hash, List.of(repository.pushImage(hash)));
    repository.pushManifest(hash, inner);
    var outer = Manifests.index(hash, List.of(inner, repository.pushImage(hash)));
    repository.pushManifest(hash, outer);
    assertPulled(repository.manifest(outer.digest(hash)), outer, outer.digest(hash));
  }

  @Test
  void index_chainOfHundred_pulled() {
    var top = repository.pushImage();
    for (int i = 0; i < 100; i++) {
      top = Manifests.index(List.of(top));
      repository.pushManifest(HashFunction.SHA256, top);
    }
    assertPulled(repository.manifest(top.digest()), top, top.digest());
  }

  @ParameterizedTest
  @EnumSource
  void index_ofNothing_pulled(HashFunction hash) {
    var index = Manifests.index(hash, List.of());
    repository.pushManifest(hash, index);
    repository.tag("empty", index);
    assertPulled(repository.manifest(index.digest(hash)), index, index.digest(hash));
    assertPulled(repository.manifest("empty"), index, index.digest());
  }

  @Test
  void index_ofBlobs_pulled() {
    var layer = Manifests.layer(200);
    var cache = Manifests.config().as("application/vnd.buildkit.cacheconfig.v0");
    repository.push(layer, cache);
    var index = Manifests.index(List.of(layer, cache));
    repository.tag("cache", index);
    assertPulled(repository.manifest("cache"), index, index.digest());
  }

  @Test
  void index_childNamedTwice_pulled() {
    var child = repository.pushImage();
    var index = Manifests.index(List.of(child, child));
    repository.tag("twice", index);
    assertPulled(repository.manifest("twice"), index, index.digest());
  }

  @Test
  void index_unknownFields_keptByteForByte() {
    var image =
        repository.pushImage(
            "\"org.example.custom\":{\"a\":[1,2.5e3,null,true]}", "\"x\":\"\\u00e9\"");
    assertPulled(repository.manifest(image.digest()), image, image.digest());
    var index = Manifests.index(List.of(image), "\"org.example.list\":[[],{}]");
    repository.tag("custom", index);
    assertPulled(repository.manifest("custom"), index, index.digest());
  }

  @Test
  void child_deleted_accepted() {
    var child = repository.pushImage();
    var index = Manifests.index(List.of(child));
    repository.tag("parent", index);
    assertThat(repository.deleteManifest(child.digest()).statusCode()).isEqualTo(202);
    assertError(repository.manifest(child.digest()), 404, "MANIFEST_UNKNOWN");
    assertPulled(repository.manifest("parent"), index, index.digest());
  }
}
