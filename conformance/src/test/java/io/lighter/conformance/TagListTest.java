package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertError;
import static io.lighter.conformance.Answers.assertNoHeader;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tag list: its order, its pages, and what it does with odd page parameters. */
@ExtendWith(RegistryExtension.class)
class TagListTest {
  /** In the order of their bytes. */
  private static final List<String> TAGS =
      List.of("0", "1.0", "1.0-rc", "B", "Z", "_x", "a", "a-b", "a.b", "a_b", "ab", "b");

  private final Repository repository;
  private final Content image;

  TagListTest(Registry registry) {
    this.repository = registry.repository();
    this.image = repository.pushImage();
    for (String tag : TAGS.reversed()) {
      repository.tag(tag, image);
    }
  }

  @Test
  void list_noParameters_allInOrderOfBytes() {
    var response = repository.tags("");
    assertThat(tags(response)).isEqualTo(TAGS);
    assertThat(response.jsonPath().getString("name")).isEqualTo(repository.name());
    assertThat(response.contentType()).startsWith("application/json");
    assertNoHeader(response, "Link");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 11, 12})
  void list_byPages_allOnce(int n) {
    var pages = Pages.walk(repository, "tags/list?n=" + n, TagListTest::tags);
    int full = (TAGS.size() + n - 1) / n;
    assertThat(pages).as("an empty last page is allowed").hasSizeBetween(full, full + 1);
    assertThat(pages.subList(0, pages.size() - 1)).allSatisfy(page -> assertThat(page).hasSize(n));
    assertThat(pages.stream().flatMap(List::stream)).containsExactlyElementsOf(TAGS);
  }

  @Test
  void list_nZero_nothingAndNoLink() {
    var response = repository.tags("?n=0");
    assertThat(tags(response)).isEmpty();
    assertNoHeader(response, "Link");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1000000", "2147483648", "9223372036854775808"})
  void list_nHuge_all(String n) {
    assertThat(tags(repository.tags("?n=" + n))).isEqualTo(TAGS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "x", "1.5", "0x1", "", "%20", "1%00"})
  void list_nImpossible_refused(String n) {
    var response = repository.tags("?n=" + n);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.jsonPath().getString("errors[0].code")).isNotBlank();
  }

  @Test
  void list_last_isExclusive() {
    assertThat(tags(repository.tags("?last=_x")))
        .containsExactly("a", "a-b", "a.b", "a_b", "ab", "b");
    assertThat(tags(repository.tags("?last=a&n=2"))).containsExactly("a-b", "a.b");
  }

  @Test
  void list_lastDeleted_goesOnBehindIt() {
    repository.deleteManifest("a");
    assertThat(tags(repository.tags("?last=a&n=2"))).containsExactly("a-b", "a.b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"b", "zzz", "~", "%C3%A9"})
  void list_lastBeyondAll_empty(String last) {
    var response = repository.tags("?last=" + last);
    assertThat(tags(response)).isEmpty();
    assertNoHeader(response, "Link");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "%2F", "%2F..%2F", "%00", "%20"})
  void list_lastBeforeAll_all(String last) {
    assertThat(tags(repository.tags("?last=" + last))).isEqualTo(TAGS);
  }

  @Test
  void list_lastNeverATag_isOnlyAPlaceInOrder() {
    assertThat(tags(repository.tags("?last=B%2Fx&n=2"))).containsExactly("Z", "_x");
  }

  @Test
  void list_otherParameter_keptInLink() {
    var response = repository.tags("?n=2&note=a%20b%26c");
    assertThat(response.header("Link"))
        .matches("</v2/[^>]*>; *rel=\"?next\"?")
        .contains("note=a%20b%26c");
  }

  @Test
  void list_tagsGone_emptyNotNull() {
    repository.deleteManifest(image.digest());
    assertThat(tags(repository.tags(""))).isEmpty();
  }

  /** Tags come and go between the pages; those that stay are seen once each. */
  @Test
  void walk_whileTagsChange_stableOnesOnce() {
    var passing = IntStream.range(0, 12).mapToObj(i -> TAGS.get(i) + ".passing").toList();
    var seen = new ArrayList<String>();
    String next = "tags/list?n=3";
    for (int page = 0; !next.isEmpty(); page++) {
      var response = Pages.get(repository, next);
      seen.addAll(tags(response));
      next = Pages.next(response);
      repository.tag(passing.get(page % passing.size()), image);
      repository.deleteManifest(passing.get((page + 11) % passing.size()));
    }
    assertThat(seen).doesNotHaveDuplicates().isSorted().containsAll(TAGS);
  }

  private static List<String> tags(Response response) {
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
    var tags = response.jsonPath().<String>getList("tags");
    assertThat(tags).isNotNull();
    return tags;
  }

  @Test
  void list_unknownRepository_nameUnknown(Registry registry) {
    assertError(registry.repository().tags("?n=5"), 404, "NAME_UNKNOWN");
  }
}
