package io.lighter.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Long listings: complete, in order, no page too large, and no page slower for the others. */
@ExtendWith(RegistryExtension.class)
abstract class ManyEntriesContract {
  /** Every registry with tag parameters takes this many in one push. */
  private static final int TAGS_AT_ONCE = 10;

  private static final int LARGEST_PAGE = 4 << 20;

  private final Repository repository;
  private final int tags;
  private final int referrers;

  ManyEntriesContract(Registry registry, int tags, int referrers) {
    this.repository = registry.repository();
    this.tags = tags;
    this.referrers = referrers;
  }

  @Test
  void tags_many_walkedCompleteAndInOrder() {
    var image = repository.pushImage();
    var all = IntStream.range(0, tags).mapToObj("t%06d"::formatted).toList();
    for (int from = 0; from < tags; from += TAGS_AT_ONCE) {
      var some = all.subList(from, Math.min(tags, from + TAGS_AT_ONCE));
      String query = some.stream().map("tag="::concat).collect(Collectors.joining("&", "?", ""));
      assertThat(repository.putManifest(image.digest() + query, image).statusCode()).isEqualTo(201);
    }
    int page = Math.max(100, tags / 50);
    var pages =
        Pages.walk(
            repository,
            "tags/list?n=" + page,
            response -> {
              assertThat(response.statusCode()).isEqualTo(200);
              return response.jsonPath().getList("tags", String.class);
            });
    assertThat(pages.stream().flatMap(List::stream)).containsExactlyElementsOf(all);
    var unlimited =
        Pages.walk(
            repository, "tags/list", response -> response.jsonPath().getList("tags", String.class));
    assertThat(unlimited.stream().flatMap(List::stream)).containsExactlyElementsOf(all);
    assertThat(repository.deleteManifest(image.digest()).statusCode()).isEqualTo(202);
    assertThat(repository.tags()).isEmpty();
  }

  @Test
  void referrers_many_walkedComplete() {
    var subject = repository.pushImage();
    repository.push(Manifests.emptyConfig());
    var pushed = new ArrayList<String>();
    for (int i = 0; i < referrers; i++) {
      var referrer =
          Manifests.image(
              Manifests.emptyConfig(),
              List.of(),
              "\"artifactType\":\"application/vnd.example.%d\"".formatted(i % 3),
              Manifests.subject(subject),
              "\"annotations\":{\"number\":\"%d\"}".formatted(i));
      repository.pushManifest(HashFunction.SHA256, referrer);
      pushed.add(referrer.digest());
    }
    var pages =
        Pages.walk(repository, "referrers/" + subject.digest(), ManyEntriesContract::digests);
    assertThat(pages.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(pushed);
    var third =
        Pages.walk(
            repository,
            "referrers/" + subject.digest() + "?artifactType=application/vnd.example.1",
            ManyEntriesContract::digests);
    assertThat(third.stream().flatMap(List::stream))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, referrers).filter(i -> i % 3 == 1).mapToObj(pushed::get).toList());
  }

  private static List<String> digests(Response response) {
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.asByteArray().length).isLessThan(LARGEST_PAGE);
    return response.jsonPath().getList("manifests.digest", String.class);
  }
}
