package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertNoHeader;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The list of repositories, by pages; other tests add to it, so only own names are looked at. */
@ExtendWith(RegistryExtension.class)
class CatalogTest {
  private final Repository first;
  private final String prefix = "conformance/" + Registry.unique();
  private final List<String> names =
      Stream.of("/a", "/b", "/b/c", "/b0", "/c").map(prefix::concat).toList();

  CatalogTest(Registry registry) {
    for (String name : names.reversed()) {
      registry.repository(name).push(Content.random(10));
    }
    this.first = registry.repository(names.getFirst());
  }

  @Test
  void catalog_lastAndN_nextOnes() {
    assertThat(repositories(get("?last=" + prefix + "&n=3"))).isEqualTo(names.subList(0, 3));
    assertThat(repositories(get("?last=" + names.get(2) + "&n=2"))).isEqualTo(names.subList(3, 5));
  }

  @Test
  void catalog_byPages_allOnceInOrder() {
    var pages = Pages.walk(first, "/v2/_catalog?n=7", CatalogTest::repositories);
    var all = pages.stream().flatMap(List::stream).toList();
    assertThat(all).doesNotHaveDuplicates().isSorted().containsAll(names);
    assertThat(pages).allSatisfy(page -> assertThat(page).hasSizeBetween(0, 7));
  }

  @Test
  void catalog_nZero_nothingAndNoLink() {
    var response = get("?n=0");
    assertThat(repositories(response)).isEmpty();
    assertNoHeader(response, "Link");
  }

  @Test
  void catalog_nAboveAnyCap_answered() {
    assertThat(repositories(get("?n=100000000&last=" + prefix))).containsAll(names);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "x", ""})
  void catalog_nImpossible_refused(String n) {
    assertThat(get("?n=" + n).statusCode()).isEqualTo(400);
  }

  @Test
  void catalog_lastBeyondAll_empty() {
    assertThat(repositories(get("?last=~"))).isEmpty();
  }

  private Response get(String query) {
    return first.request().get("/v2/_catalog" + query);
  }

  private static List<String> repositories(Response response) {
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
    var repositories = response.jsonPath().<String>getList("repositories");
    assertThat(repositories).isNotNull();
    return repositories;
  }
}
