package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertHeader;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several ranges of a blob in one answer, as lazy clients ask for them. */
@ExtendWith(RegistryExtension.class)
class MultiRangeTest {
  private static final int SIZE = 300_000;

  private final Repository repository;
  private final Content blob = Content.random(SIZE);

  MultiRangeTest(Registry registry) {
    this.repository = registry.repository();
    repository.push(blob);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 17, 128, 1024})
  void ranges_manyAnywhere_keptInOrderAndNumber(int count) {
    var random = new Random(count);
    var ranges = new ArrayList<RangeModel>();
    for (int i = 0; i < count; i++) {
      int first = random.nextInt(SIZE);
      ranges.add(new RangeModel(first, Math.min(SIZE - 1, first + random.nextInt(400))));
    }
    assertParts(ranges);
  }

  @Test
  void ranges_1024Adjacent_notMerged() {
    var ranges = new ArrayList<RangeModel>();
    for (int i = 0; i < 1024; i++) {
      ranges.add(new RangeModel(i * 100, i * 100 + 99));
    }
    assertParts(ranges);
  }

  @Test
  void ranges_overlappingAndEqual_notMerged() {
    assertParts(
        List.of(
            new RangeModel(0, 999),
            new RangeModel(500, 1499),
            new RangeModel(500, 1499),
            new RangeModel(0, 0),
            new RangeModel(SIZE - 1, SIZE - 1),
            new RangeModel(0, SIZE - 1)));
  }

  @Test
  void ranges_openSuffixAndSpaces_understood() {
    var response = get("bytes=299990-, -5 ,\t0-4,, 299000-400000");
    assertThat(parts(response))
        .containsExactly(
            part(299_990, 299_999), part(299_995, 299_999), part(0, 4), part(299_000, 299_999));
  }

  @Test
  void ranges_someBeyondEnd_leftOut() {
    var response = get("bytes=0-4,300000-300001,10-14");
    assertThat(parts(response)).containsExactly(part(0, 4), part(10, 14));
  }

  @Test
  void ranges_oneLeft_partOrMultipart() {
    var response = get("bytes=300000-,10-14");
    assertThat(response.statusCode()).isEqualTo(206);
    if (response.header("Content-Range") == null) {
      assertThat(parts(response)).containsExactly(part(10, 14));
    } else {
      assertHeader(response, "Content-Range", "bytes 10-14/300000");
      assertThat(response.asByteArray()).isEqualTo(blob.slice(10, 15));
    }
  }

  @Test
  void ranges_allBeyondEnd_unsatisfiable() {
    var response = get("bytes=300000-,300005-300007");
    assertThat(response.statusCode()).isEqualTo(416);
    assertHeader(response, "Content-Range", "bytes */300000");
  }

  @Test
  void ranges_beyondAnyCap_400OrAnswered() {
    String ranges = "0-1,".repeat(8000);
    var response = get("bytes=" + ranges);
    assertThat(response.statusCode()).isIn(206, 400);
    if (response.statusCode() == 206) {
      assertThat(parts(response)).hasSize(8000);
    }
  }

  @Test
  void ranges_head_noBody() {
    var response =
        repository
            .request()
            .header("Range", "bytes=0-1,4-5")
            .head(repository.path("blobs/" + blob.digest()));
    assertThat(response.statusCode()).isIn(200, 206);
  }

  private void assertParts(List<RangeModel> ranges) {
    var response =
        get(
            ranges.stream()
                .map(range -> range.first() + "-" + range.last())
                .collect(Collectors.joining(",", "bytes=", "")));
    assertThat(parts(response))
        .containsExactlyElementsOf(
            ranges.stream().map(range -> Multipart.Part.of(blob, range)).toList());
  }

  private Multipart.Part part(int first, int last) {
    return Multipart.Part.of(blob, new RangeModel(first, last));
  }

  private static List<Multipart.Part> parts(Response response) {
    byte[] body = response.asByteArray();
    assertThat(response.statusCode()).isEqualTo(206);
    assertHeader(response, "Content-Length", Integer.toString(body.length));
    return Multipart.read(response.contentType(), body, SIZE);
  }

  private Response get(String range) {
    return repository
        .request()
        .header("Range", range)
        .get(repository.path("blobs/" + blob.digest()));
  }
}
