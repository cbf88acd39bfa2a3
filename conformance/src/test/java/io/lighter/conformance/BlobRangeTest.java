package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertHeader;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One range of a blob, against a model that holds the bytes. */
@ExtendWith(RegistryExtension.class)
class BlobRangeTest {
  private static final int SIZE = 3000;

  private final Registry registry;
  private final Repository repository;
  private final Content blob = Content.random(SIZE);

  BlobRangeTest(Registry registry) {
    this.registry = registry;
    this.repository = registry.repository();
    repository.push(blob);
  }

  @ParameterizedTest
  @CsvSource({
    "500-1499,500,1499",
    "500-,500,2999",
    "-500,2500,2999",
    "2000-5000,2000,2999",
    "0-0,0,0"
  })
  void range_ofSuite_part(String range, int first, int last) {
    assertPart(get("bytes=" + range), new RangeModel(first, last));
  }

  @ParameterizedTest
  @ValueSource(strings = {"500-0", "5000-10000", "3000-", "3000-3000", "-0"})
  void range_ofSuiteOutside_unsatisfiable(String range) {
    assertUnsatisfiable(get("bytes=" + range));
  }

  /** Every start and end around the edges of the blob and of 32 and 64 bit numbers. */
  @Test
  void range_anyNumbers_likeModel() {
    var edges = new ArrayList<BigInteger>();
    for (String edge :
        List.of("0", "1", "1500", "2999", "3000", "2147483648", "9223372036854775808")) {
      edges.add(new BigInteger(edge));
      edges.add(new BigInteger(edge).add(BigInteger.ONE));
    }
    edges.add(BigInteger.TEN.pow(40));
    try (var wire = registry.connect()) {
      for (BigInteger first : edges) {
        assertLikeModel(wire, first + "-", RangeModel.open(first, SIZE));
        assertLikeModel(wire, "-" + first, RangeModel.suffix(first, SIZE));
        for (BigInteger last : edges) {
          if (first.compareTo(last) <= 0) {
            assertLikeModel(wire, first + "-" + last, RangeModel.closed(first, last, SIZE));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=10-19 ", "bytes= 10-19", "BYTES=10-19", "bytes=,10-19,"})
  void range_oddSpelling_part(String header) {
    assertPart(get(header), new RangeModel(10, 19));
  }

  @ParameterizedTest
  @ValueSource(strings = {"chunks=0-9", "items 0-9", "0-9"})
  void range_unknownUnit_whole(String header) {
    var response = get(header);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.asByteArray()).isEqualTo(blob.bytes());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=--1",
        "bytes=1--2",
        "bytes=0x1-2",
        "bytes=1-2-3",
        "bytes=+1-2",
        "bytes=1.5-2",
        "bytes=0-9,x"
      })
  void range_malformed_neverPart(String header) {
    var response = get(header);
    assertThat(response.statusCode()).isIn(200, 400, 416);
    if (response.statusCode() == 200) {
      assertThat(response.asByteArray()).isEqualTo(blob.bytes());
    }
  }

  @Test
  void range_ofEmptyBlob_neverPart() {
    var empty = Content.random(0);
    repository.push(empty);
    for (String range : List.of("bytes=0-", "bytes=0-0", "bytes=-1", "bytes=1-2")) {
      var response =
          repository
              .request()
              .header("Range", range)
              .get(repository.path("blobs/" + empty.digest()));
      assertThat(response.statusCode()).isIn(200, 416);
    }
  }

  @Test
  void range_head_sizesWithoutBody() {
    try (var wire = registry.connect()) {
      var answer =
          wire.send("HEAD", repository.path("blobs/" + blob.digest()), "Range: bytes=10-19")
              .readHead();
      assertThat(answer.status()).isIn(200, 206);
      assertThat(answer.header("Content-Length"))
          .isEqualTo(answer.status() == 200 ? "" + SIZE : "10");
      assertThat(wire.send("GET", "/v2/").read().status()).isEqualTo(200);
    }
  }

  @Test
  void range_bySha512_part() {
    repository.push(HashFunction.SHA512, blob);
    var response =
        repository
            .request()
            .header("Range", "bytes=100-199")
            .get(repository.path("blobs/" + blob.digest(HashFunction.SHA512)));
    assertThat(response.statusCode()).isEqualTo(206);
    assertThat(response.asByteArray()).isEqualTo(blob.slice(100, 200));
    assertHeader(response, "Docker-Content-Digest", blob.digest(HashFunction.SHA512));
  }

  @Test
  void range_ofLargeBlob_acrossBuffers() {
    var large = Content.random((3 << 20) + 17);
    repository.push(large);
    try (var wire = registry.connect()) {
      for (int first : new int[] {0, 65_535, 65_536, 1 << 20, (3 << 20) + 16}) {
        for (int length : new int[] {1, 65_536, 262_145, 2 << 20}) {
          int last = Math.min(first + length, large.size()) - 1;
          var answer =
              wire.send(
                      "GET",
                      repository.path("blobs/" + large.digest()),
                      "Range: bytes=" + first + '-' + (first + length - 1))
                  .read();
          assertThat(answer.status()).isEqualTo(206);
          assertThat(answer.body()).isEqualTo(large.slice(first, last + 1));
        }
      }
    }
  }

  private Response get(String range) {
    return repository
        .request()
        .header("Range", range)
        .get(repository.path("blobs/" + blob.digest()));
  }

  private void assertPart(Response response, RangeModel expected) {
    assertThat(response.statusCode()).isEqualTo(206);
    assertHeader(response, "Content-Range", expected.contentRange(SIZE));
    assertHeader(response, "Content-Length", Integer.toString(expected.length()));
    assertHeader(response, "Content-Type", Content.OCTET_STREAM);
    assertHeader(response, "Docker-Content-Digest", blob.digest());
    assertThat(response.asByteArray()).isEqualTo(blob.slice(expected.first(), expected.last() + 1));
  }

  private static void assertUnsatisfiable(Response response) {
    assertThat(response.statusCode()).isEqualTo(416);
    assertHeader(response, "Content-Range", "bytes */" + SIZE);
  }

  private void assertLikeModel(Wire wire, String range, Optional<RangeModel> expected) {
    var answer =
        wire.send("GET", repository.path("blobs/" + blob.digest()), "Range: bytes=" + range).read();
    if (expected.isEmpty()) {
      assertThat(answer.status()).as(range).isEqualTo(416);
      assertThat(answer.header("Content-Range")).as(range).isEqualTo("bytes */" + SIZE);
      return;
    }
    RangeModel part = expected.get();
    assertThat(answer.status()).as(range).isEqualTo(206);
    assertThat(answer.header("Content-Range")).as(range).isEqualTo(part.contentRange(SIZE));
    assertThat(answer.body()).as(range).isEqualTo(blob.slice(part.first(), part.last() + 1));
  }
}
