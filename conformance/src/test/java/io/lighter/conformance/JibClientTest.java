package io.lighter.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainer;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.TarImage;
import io.restassured.response.Response;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jib, the image builder of many Java projects, as a client: it has a registry client of its own.
 * The repositories begin with {@code jib/}, so that their requests can be found in an access log.
 */
@ExtendWith(RegistryExtension.class)
class JibClientTest {
  private final Registry registry;
  private final Repository pushed;
  @TempDir private Path scratch;

  JibClientTest(Registry registry) {
    this.registry = registry;
    this.pushed = registry.repository("jib/" + Registry.unique());
  }

  @Test
  void push_newImage_servedByTagAndDigest() throws Exception {
    JibContainer image = pushNewImage();

    Response manifest = pushed.manifest("1");
    assertThat(manifest.statusCode()).isEqualTo(200);
    assertThat(manifest.header("Docker-Content-Digest")).isEqualTo(image.getDigest().toString());
    assertThat(Content.of("", manifest.asByteArray()).digest())
        .isEqualTo(image.getDigest().toString());
    assertThat(layers(pushed)).hasSize(2);
  }

  @Test
  void pull_pushedImage_sameLayers() throws Exception {
    pushNewImage();
    Path tar = scratch.resolve("pulled.tar");

    containerize(Jib.from(image(pushed)), Containerizer.to(TarImage.at(tar).named("pulled")), "p");

    assertThat(layersInTar(tar)).containsExactlyInAnyOrderElementsOf(layers(pushed));
  }

  @Test
  void push_onBaseOfSameRegistry_baseLayersMounted() throws Exception {
    pushNewImage();
    Repository other = registry.repository(pushed.name() + "-mounted");

    containerize(Jib.from(image(pushed)), Containerizer.to(image(other)), "m");

    assertThat(layers(other)).isEqualTo(layers(pushed));
    for (String layer : layers(other)) {
      assertThat(other.headBlob(layer).statusCode()).isEqualTo(200);
    }
  }

  private JibContainer pushNewImage() throws Exception {
    Path file = Files.write(scratch.resolve("file"), Content.random(300_000).bytes());
    Path text = Files.writeString(scratch.resolve("text"), Registry.unique());
    return containerize(
        Jib.fromScratch().addLayer(List.of(file), "/data").addLayer(List.of(text), "/data"),
        Containerizer.to(image(pushed)),
        "new");
  }

  /** Each with caches of its own, or Jib would not ask the registry again. */
  private JibContainer containerize(JibContainerBuilder builder, Containerizer target, String name)
      throws Exception {
    return builder.containerize(
        target
            .setAllowInsecureRegistries(true)
            .setBaseImageLayersCache(scratch.resolve(name + "-base"))
            .setApplicationLayersCache(scratch.resolve(name + "-application")));
  }

  private static RegistryImage image(Repository repository) throws Exception {
    return RegistryImage.named(
        repository.registry().base().getAuthority() + '/' + repository.name() + ":1");
  }

  private static List<String> layers(Repository repository) {
    return repository.manifest("1").jsonPath().getList("layers.digest", String.class);
  }

  /** Digests of the compressed layers in an archive as {@code docker save} writes it. */
  private static List<String> layersInTar(Path archive) throws IOException {
    List<String> digests = new ArrayList<>();
    try (var tar =
        new TarArchiveInputStream(new BufferedInputStream(Files.newInputStream(archive)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.getName().endsWith(".tar.gz")) {
          digests.add(Content.of("", tar.readAllBytes()).digest());
        }
      }
    }
    return digests;
  }
}
