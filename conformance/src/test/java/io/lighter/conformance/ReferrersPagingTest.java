package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertHeader;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Lists of referrers that are too large for one answer: no client reads more than 4 MiB. */
@ExtendWith(RegistryExtension.class)
class ReferrersPagingTest {
  private static final int LARGEST_PAGE = 4 << 20;
  private static final String SBOM = "application/vnd.example.sbom+json";
  private static final String SIGNATURE = "application/vnd.example.signature";

  private final Repository repository;
  private final Content subject;
  private final List<String> sboms = new ArrayList<>();
  private final List<String> signatures = new ArrayList<>();

  ReferrersPagingTest(Registry registry) {
    this.repository = registry.repository();
    this.subject = repository.pushImage();
    repository.push(Manifests.emptyConfig());
    for (int i = 0; i < 40; i++) {
      sboms.add(push(SBOM, i));
      signatures.add(push(SIGNATURE, i));
    }
  }

  @Test
  void pages_allReferrers_eachOnceAndNoneTooLarge() {
    var pages =
        Pages.walk(repository, "referrers/" + subject.digest(), ReferrersPagingTest::digests);
    assertThat(pages).as("12 MB of annotations").hasSizeGreaterThan(2);
    assertThat(pages.stream().flatMap(List::stream))
        .hasSize(80)
        .containsAll(sboms)
        .containsAll(signatures);
  }

  @Test
  void pages_filtered_keepTheFilter() {
    String path = "referrers/" + subject.digest() + "?artifactType=" + SBOM;
    var pages =
        Pages.walk(
            repository,
            path,
            response -> {
              assertHeader(response, "OCI-Filters-Applied", "artifactType");
              return digests(response);
            });
    assertThat(pages).as("6 MB of annotations").hasSizeGreaterThan(1);
    assertThat(pages.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(sboms);
  }

  @Test
  void pages_namespaceAsked_linkKeepsIt() {
    var first =
        repository.referrers(subject.digest() + "?artifactType=" + SIGNATURE + "&note=kept");
    assertThat(first.header("Link")).contains("note=kept").contains("artifactType=");
  }

  @Test
  void pages_referrersDeletedBetween_othersOnce() {
    var first = repository.referrers(subject.digest());
    var seen = new ArrayList<>(digests(first));
    var gone = new ArrayList<>(List.of(seen.getFirst(), seen.getLast()));
    gone.add(sboms.stream().filter(digest -> !seen.contains(digest)).findFirst().orElseThrow());
    for (String digest : gone) {
      assertThat(repository.deleteManifest(digest).statusCode()).isEqualTo(202);
    }
    Pages.walk(repository, Pages.next(first), ReferrersPagingTest::digests).forEach(seen::addAll);
    var stable = new ArrayList<>(sboms);
    stable.addAll(signatures);
    stable.removeAll(gone);
    assertThat(seen).doesNotHaveDuplicates().containsAll(stable).doesNotContain(gone.getLast());
  }

  private String push(String type, int number) {
    var referrer =
        Manifests.image(
            Manifests.emptyConfig(),
            List.of(),
            "\"artifactType\":\"%s\"".formatted(type),
            Manifests.subject(subject),
            "\"annotations\":{\"number\":\"%d\",\"large\":\"%s\"}"
                .formatted(number, "x".repeat(150_000)));
    repository.pushManifest(HashFunction.SHA256, referrer);
    return referrer.digest();
  }

  private static List<String> digests(Response response) {
    assertThat(response.statusCode()).isEqualTo(200);
    assertHeader(response, "Content-Type", Manifests.INDEX);
    assertThat(response.asByteArray().length).isLessThan(LARGEST_PAGE);
    return response.jsonPath().getList("manifests.digest", String.class);
  }
}
