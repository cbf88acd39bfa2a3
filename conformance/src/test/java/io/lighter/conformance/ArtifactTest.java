package io.lighter.conformance;

import static io.lighter.conformance.ImageTest.assertPulled;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is packed like an image but is none: no type may be an error. */
@ExtendWith(RegistryExtension.class)
class ArtifactTest {
  private static final String TYPE = "\"artifactType\":\"application/vnd.example.thing+json\"";

  private final Repository repository;

  ArtifactTest(Registry registry) {
    this.repository = registry.repository();
  }

  @ParameterizedTest
  @EnumSource
  void artifact_emptyConfigAndUnknownLayer_pulled(HashFunction hash) {
    var config = Manifests.emptyConfig();
    var layer = Content.random(50).as("application/vnd.example.layer");
    repository.push(hash, config, layer);
    var artifact = Manifests.image(hash, config, List.of(layer), TYPE);
    repository.pushManifest(hash, artifact);
    assertPulled(repository.manifest(artifact.digest(hash)), artifact, artifact.digest(hash));
  }

  @Test
  void artifact_emptyLayer_pulled() {
    var empty = Manifests.emptyConfig();
    repository.push(empty);
    assertKept(Manifests.image(empty, List.of(empty), TYPE));
  }

  @Test
  void artifact_noLayers_pulled() {
    var empty = Manifests.emptyConfig();
    repository.push(empty);
    assertKept(Manifests.image(empty, List.of(), TYPE));
  }

  @Test
  void artifact_unknownConfigType_pulled() {
    var config = Content.of("application/vnd.example.config.v1+json", "{\"a\":1}");
    var layer = Content.random(50).as("text/plain");
    repository.push(config, layer);
    assertKept(Manifests.image(config, List.of(layer)));
  }

  @Test
  void artifactIndex_pulled() {
    var empty = Manifests.emptyConfig();
    repository.push(empty);
    var child = Manifests.image(empty, List.of(empty), TYPE);
    repository.pushManifest(HashFunction.SHA256, child);
    assertKept(Manifests.index(List.of(child), TYPE));
  }

  @Test
  void dataField_pulled() {
    var empty = Manifests.emptyConfig();
    repository.push(empty);
    String descriptor = empty.descriptor(HashFunction.SHA256, "\"data\":\"e30=\"");
    assertKept(
        Content.of(
            Manifests.IMAGE,
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",%s,\"config\":%s,\"layers\":[%s]}"
                .formatted(Manifests.IMAGE, TYPE, descriptor, descriptor)));
  }

  @Test
  void foreignLayers_notRequired() {
    var config = Manifests.config();
    repository.push(config);
    String url = "\"urls\":[\"https://example.com/layer\"]";
    for (String type :
        List.of(
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")) {
      String foreign = Content.random(70).as(type).descriptor(HashFunction.SHA256, url);
      assertKept(
          Content.of(
              Manifests.IMAGE,
              "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
                  .formatted(Manifests.IMAGE, config.descriptor(), foreign)));
    }
  }

  private void assertKept(Content manifest) {
    repository.tag("kept", manifest);
    assertPulled(repository.manifest("kept"), manifest, manifest.digest());
    assertPulled(repository.manifest(manifest.digest()), manifest, manifest.digest());
  }
}
