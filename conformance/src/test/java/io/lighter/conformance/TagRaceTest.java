package io.lighter.conformance;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Writers that race for one tag: every reader sees one image whole, conditions let one win. */
@ExtendWith(RegistryExtension.class)
class TagRaceTest {
  private final Registry registry;
  private final Repository repository;

  TagRaceTest(Registry registry) {
    this.registry = registry;
    this.repository = registry.repository();
  }

  @Test
  void tag_movedAllTheTime_readersSeeOneImageWhole() {
    var images = List.of(repository.pushImage("\"a\":1"), repository.pushImage("\"bb\":22"));
    Map<String, Content> byDigest =
        images.stream().collect(Collectors.toMap(Content::digest, Function.identity()));
    repository.tag("moving", images.getFirst());
    var done = new AtomicBoolean();
    var clients = new ArrayList<Callable<Integer>>();
    for (Content image : images) {
      clients.add(() -> {
        for (int i = 0; i < 60; i++) {
          repository.tag("moving", image);
        }
        done.set(true);
        return 0;
      });
    }
    for (int i = 0; i < 3; i++) {
      clients.add(() -> {
        int reads = 0;
        try (var wire = registry.connect()) {
          do {
            var get = wire.send("GET", repository.path("manifests/moving")).read();
            assertWhole(byDigest, get);
            assertThat(get.body())
                .isEqualTo(
                    requireNonNull(byDigest.get(get.header("Docker-Content-Digest"))).bytes());
            assertWhole(
                byDigest, wire.send("HEAD", repository.path("manifests/moving")).readHead());
            reads++;
          } while (!done.get());
        }
        return reads;
      });
    }
    assertThat(Race.run(clients)).last().isNotEqualTo(0);
    assertThat(byDigest)
        .containsKey(repository.headManifest("moving").header("Docker-Content-Digest"));
  }

  private static void assertWhole(Map<String, Content> byDigest, Wire.Answer answer) {
    assertThat(answer.status()).isEqualTo(200);
    String digest = answer.header("Docker-Content-Digest");
    assertThat(byDigest).containsKey(digest);
    assertThat(answer.header("Content-Length"))
        .isEqualTo("" + requireNonNull(byDigest.get(digest)).size());
    assertThat(answer.header("ETag")).isEqualTo('"' + digest + '"');
  }

  @RepeatedTest(3)
  void newTag_ifNoneMatchAny_oneOfManyWins() {
    var images = images(8);
    var statuses = Race.run(8, i -> put(images.get(i), "If-None-Match", "*"));
    assertOneWon(statuses, images);
  }

  @RepeatedTest(3)
  void movedTag_ifMatch_oneOfManyWins() {
    repository.tag("guarded", repository.pushImage());
    String before = repository.headManifest("guarded").header("ETag");
    var images = images(8);
    var statuses = Race.run(8, i -> put(images.get(i), "If-Match", before));
    assertOneWon(statuses, images);
  }

  /** A counter that many clients raise, each by what it read: no increment is lost. */
  @Test
  void readModifyWrite_underIfMatch_losesNothing() {
    repository.tag("guarded", Manifests.index(List.of(), "\"annotations\":{\"n\":\"0\"}"));
    Race.run(
        4,
        _ -> {
          for (int i = 0; i < 5; i++) {
            int status;
            do {
              var read = repository.manifest("guarded");
              int n = Integer.parseInt(read.jsonPath().getString("annotations.n"));
              var next =
                  Manifests.index(List.of(), "\"annotations\":{\"n\":\"%d\"}".formatted(n + 1));
              status = put(next, "If-Match", read.header("ETag"));
              assertThat(status).isIn(201, 412);
            } while (status != 201);
          }
          return 0;
        });
    assertThat(repository.manifest("guarded").jsonPath().getString("annotations.n"))
        .isEqualTo("20");
  }

  private List<Content> images(int count) {
    var images = new ArrayList<Content>();
    for (int i = 0; i < count; i++) {
      images.add(repository.pushImage());
    }
    return images;
  }

  private void assertOneWon(List<Integer> statuses, List<Content> images) {
    assertThat(statuses).containsOnly(201, 412).filteredOn(status -> status == 201).hasSize(1);
    assertThat(repository.manifest("guarded").asByteArray())
        .isEqualTo(images.get(statuses.indexOf(201)).bytes());
  }

  private int put(Content manifest, String header, String value) {
    return repository
        .request()
        .header(header, value)
        .contentType(manifest.mediaType())
        .body(manifest.bytes())
        .put(repository.path("manifests/guarded"))
        .statusCode();
  }
}
