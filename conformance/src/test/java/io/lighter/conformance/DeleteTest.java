package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertError;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Deleting while others list, read, push and depend on what is deleted. */
@ExtendWith(RegistryExtension.class)
class DeleteTest {
  private final Registry registry;
  private final Repository repository;

  DeleteTest(Registry registry) {
    this.registry = registry;
    this.repository = registry.repository();
  }

  @Test
  void deleteByDigest_manyTags_listersSeeAllOrNone() {
    repository.tag("other", repository.pushImage());
    for (int round = 0; round < 5; round++) {
      var image = repository.pushImage();
      var tags = IntStream.range(0, 40).mapToObj("t%02d"::formatted).toList();
      String query = tags.stream().map("tag="::concat).collect(Collectors.joining("&", "?", ""));
      assertThat(repository.putManifest(image.digest() + query, image).statusCode()).isEqualTo(201);
      var done = new AtomicBoolean();
      var sizes = new ArrayList<Integer>();
      List<Callable<Integer>> clients =
          List.of(
              () -> {
                int status = repository.deleteManifest(image.digest()).statusCode();
                done.set(true);
                return status;
              },
              () -> {
                do {
                  sizes.add(repository.tags().size());
                } while (!done.get());
                return 0;
              });
      assertThat(Race.run(clients).getFirst()).isEqualTo(202);
      assertThat(sizes).isSubsetOf(1, 41);
      assertThat(repository.tags()).containsExactly("other");
    }
  }

  /** A body that ends cleanly is whole; the only other end is a broken connection. */
  @Test
  void blobDeleted_whileBeingRead_wholeOrBroken() {
    for (int round = 0; round < 5; round++) {
      var blob = Content.random(8 << 20);
      repository.push(blob);
      try (var wire = registry.connectNarrow()) {
        wire.send("GET", repository.path("blobs/" + blob.digest())).readRaw(1);
        assertThat(repository.deleteBlob(blob.digest()).statusCode()).isEqualTo(202);
        try {
          assertThat(wire.readAfterFirstByte().body()).isEqualTo(blob.bytes());
        } catch (UncheckedIOException _) {
          assertThat(wire.isEnded()).isTrue();
        }
      }
      assertError(repository.blob(blob.digest()), 404, "BLOB_UNKNOWN");
    }
  }

  @Test
  void manifestPushed_whileItsBlobIsDeleted_neverDangling() {
    for (int round = 0; round < 20; round++) {
      var config = Manifests.config();
      var layer = Manifests.layer(100);
      repository.push(config, layer);
      var image = Manifests.image(config, List.of(layer));
      var answers =
          Race.<Response>run(
              () -> repository.putManifest("raced", image),
              () -> repository.deleteBlob(layer.digest()));
      boolean pushed = answers.getFirst().statusCode() == 201;
      boolean deleted = answers.getLast().statusCode() == 202;
      assertThat(pushed)
          .as("push %d, delete %d", answers.getFirst().statusCode(), answers.getLast().statusCode())
          .isNotEqualTo(deleted);
      assertThat(repository.headBlob(layer.digest()).statusCode()).isEqualTo(pushed ? 200 : 404);
      assertThat(repository.headManifest(image.digest()).statusCode())
          .isEqualTo(pushed ? 200 : 404);
    }
  }

  @Test
  void sameTwice_atOnce_202And404() {
    for (int round = 0; round < 10; round++) {
      var blob = Content.random(10);
      repository.push(blob);
      assertThat(Race.run(2, _ -> repository.deleteBlob(blob.digest()).statusCode()))
          .isSubsetOf(202, 404)
          .contains(202);
      var image = repository.pushImage();
      assertThat(Race.run(2, _ -> repository.deleteManifest(image.digest()).statusCode()))
          .isSubsetOf(202, 404)
          .contains(202);
    }
  }

  @Test
  void deleteByTag_otherTagsAndDigestStay() {
    var image = repository.pushImage();
    repository.tag("one", image);
    repository.tag("two", image);
    assertThat(repository.deleteManifest("one").statusCode()).isEqualTo(202);
    assertError(repository.deleteManifest("one"), 404, "MANIFEST_UNKNOWN");
    assertThat(repository.headManifest("two").statusCode()).isEqualTo(200);
    assertThat(repository.headManifest(image.digest()).statusCode()).isEqualTo(200);
  }

  @Test
  void deleted_inOneRepository_othersKeepIt() {
    var other = registry.repository();
    var config = Manifests.config();
    var image = Manifests.image(config, List.of());
    for (Repository each : List.of(repository, other)) {
      each.push(config);
      each.tag("same", image);
    }
    repository.deleteManifest(image.digest());
    repository.deleteBlob(config.digest());
    assertThat(other.manifest("same").asByteArray()).isEqualTo(image.bytes());
    assertThat(other.blob(config.digest()).asByteArray()).isEqualTo(config.bytes());
  }

  @Test
  void unknownRepository_everyDelete_404() {
    var absent = registry.repository();
    String digest = Content.random(5).digest();
    assertError(absent.deleteBlob(digest), 404);
    assertError(absent.deleteManifest(digest), 404);
    assertError(absent.deleteManifest("latest"), 404);
  }
}
