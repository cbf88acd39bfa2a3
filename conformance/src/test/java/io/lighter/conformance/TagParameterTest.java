package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertError;
import static io.lighter.conformance.Answers.assertNoHeader;
import static io.lighter.conformance.ImageTest.assertPulled;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Manifests that are pushed by digest and get their tags from the query. */
@ExtendWith(RegistryExtension.class)
class TagParameterTest {
  private final Repository repository;

  TagParameterTest(Registry registry) {
    this.repository = registry.repository();
  }

  @ParameterizedTest
  @EnumSource
  void push_twoTags_bothNameTheDigest(HashFunction hash) {
    var image = repository.pushImage(hash);
    String digest = image.digest(hash);
    var response = repository.putManifest(digest + "?tag=one&tag=two", image);
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(201);
    assertThat(response.headers().getValues("OCI-Tag")).containsExactlyInAnyOrder("one", "two");
    assertPulled(repository.manifest("one"), image, digest);
    assertPulled(repository.manifest("two"), image, digest);
    assertThat(repository.tags()).containsExactly("one", "two");
    assertThat(repository.deleteManifest("one").statusCode()).isEqualTo(202);
    assertThat(repository.deleteManifest(digest).statusCode()).isEqualTo(202);
    assertError(repository.manifest("two"), 404, "MANIFEST_UNKNOWN");
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 46})
  void push_manyTags_allAccepted(int count) {
    var image = repository.pushImage();
    var tags = IntStream.range(0, count).mapToObj("t%03d"::formatted).toList();
    var response = repository.putManifest(image.digest() + query(tags), image);
    assertThat(response.statusCode()).isEqualTo(201);
    assertThat(response.headers().getValues("OCI-Tag"))
        .flatExtracting(value -> Arrays.asList(value.split(",\\s*", -1)))
        .containsExactlyInAnyOrderElementsOf(tags);
    assertThat(repository.tags()).containsExactlyElementsOf(tags);
  }

  @Test
  void push_thousandTags_allOrNone() {
    var image = repository.pushImage();
    var tags = IntStream.range(0, 1000).mapToObj("t%03d"::formatted).toList();
    var response = repository.putManifest(image.digest() + query(tags), image);
    assertThat(response.statusCode()).isIn(201, 414);
    assertThat(repository.tags()).hasSize(response.statusCode() == 201 ? 1000 : 0);
  }

  @Test
  void push_sameTagTwice_oneTag() {
    var image = repository.pushImage();
    var response = repository.putManifest(image.digest() + "?tag=same&tag=same", image);
    assertThat(response.statusCode()).isEqualTo(201);
    assertThat(repository.tags()).containsExactly("same");
  }

  @ParameterizedTest
  @ValueSource(strings = {".dot", "a%2Fb", "", "sha256:x", "white%20space"})
  void push_oneTagImpossible_noneApplied(String impossible) {
    var config = Manifests.config();
    repository.push(config);
    var image = Manifests.image(config, List.of());
    var response = repository.putManifest(image.digest() + "?tag=good&tag=" + impossible, image);
    assertError(response, 400);
    assertThat(repository.headManifest("good").statusCode()).isEqualTo(404);
    assertThat(repository.headManifest(image.digest()).statusCode()).isEqualTo(404);
  }

  @Test
  void push_byTagWithTagParameter_refused() {
    var image = repository.pushImage();
    assertError(repository.putManifest("one?tag=two", image), 400);
    assertThat(repository.headManifest("two").statusCode()).isEqualTo(404);
  }

  @Test
  void push_noTagParameter_noTagHeader() {
    var image = repository.pushImage();
    assertNoHeader(repository.putManifest(image.digest(), image), "OCI-Tag");
  }

  private static String query(List<String> tags) {
    return tags.stream().map(tag -> "tag=" + tag).collect(Collectors.joining("&", "?", ""));
  }
}
