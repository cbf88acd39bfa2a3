package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertHeader;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients that read layers lazily rely on: stargz, SOCI, nydus, containerd and podman. */
@ExtendWith(RegistryExtension.class)
class LazyClientTest {
  private static final int CHUNK = 50_000;
  private static final int SIZE = 40 * CHUNK + 12_345;

  private final Registry registry;
  private final Repository repository;
  private final Content blob = Content.random(SIZE);

  LazyClientTest(Registry registry) {
    this.registry = registry;
    this.repository = registry.repository();
    repository.push(blob);
  }

  /** Per layer: two bytes as a probe, the size by HEAD, the last chunk, then any others. */
  @Test
  void stargz_mountOfLayer_everyAnswerFits() {
    try (var wire = registry.connect()) {
      var probe = get(wire, "bytes=0-1");
      assertThat(probe.status()).isEqualTo(206);
      assertThat(probe.header("Content-Type")).isEqualTo(Content.OCTET_STREAM);
      assertThat(probe.header("Content-Range")).isEqualTo("bytes 0-1/" + SIZE);
      assertThat(probe.body()).isEqualTo(blob.slice(0, 2));
      var head = wire.send("HEAD", path(), "Accept-Encoding: identity").readHead();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("Content-Length")).isEqualTo("" + SIZE);
      for (int first : new int[] {40 * CHUNK, 31 * CHUNK, 0, 17 * CHUNK}) {
        int last = Math.min(first + 9 * CHUNK, SIZE) - 1;
        var chunk = get(wire, "bytes=" + first + '-' + last);
        assertThat(chunk.header("Content-Range")).isEqualTo("bytes %d-%d/%d", first, last, SIZE);
        assertThat(chunk.body()).isEqualTo(blob.slice(first, last + 1));
      }
    }
  }

  /** Holes in its cache: some aligned regions in one request. */
  @Test
  void stargz_regionsWithHoles_partsInOrder() {
    var ranges =
        List.of(
            new RangeModel(0, CHUNK - 1),
            new RangeModel(3 * CHUNK, 5 * CHUNK - 1),
            new RangeModel(40 * CHUNK, SIZE - 1));
    assertParts(ranges);
  }

  @Test
  void podman_1024Ranges_exactPartsInOrder() {
    var ranges = new ArrayList<RangeModel>();
    for (int i = 1023; i >= 0; i--) {
      ranges.add(new RangeModel(i * 1900, i * 1900 + 850));
    }
    assertParts(ranges);
  }

  /** The longest numbers make a header of more than 30 KB. */
  @Test
  void podman_longHeader_answered() {
    String zeros = "0".repeat(12);
    String ranges =
        IntStream.range(0, 1024)
            .mapToObj(i -> "%s%d-%s%d".formatted(zeros, i * 100, zeros, i * 100 + 9))
            .collect(Collectors.joining(", "));
    try (var wire = registry.connect()) {
      var answer = get(wire, "bytes=" + ranges);
      assertThat(answer.status()).isEqualTo(206);
      assertThat(Multipart.read(answer.header("Content-Type"), answer.body(), SIZE)).hasSize(1024);
    }
  }

  /** Above any limit all of them ask less after 400 and after nothing else. */
  @ParameterizedTest
  @ValueSource(ints = {2049, 5000})
  void tooManyRanges_400OrAnswered(int count) {
    try (var wire = registry.connect()) {
      var answer = get(wire, "bytes=" + "0-1,".repeat(count - 1) + "4-5");
      assertThat(answer.status()).isIn(206, 400);
      assertThat(get(wire, "bytes=0-1").status()).isEqualTo(206);
    }
  }

  /** Bytes that are asked for again and again, 1,000 times the blob. */
  @Test
  void overlappingRanges_manyTimesTheBlob_400OrAnswered() {
    try (var wire = registry.connect()) {
      var answer = get(wire, "bytes=" + "0-,".repeat(99) + "0-");
      assertThat(answer.status()).isIn(206, 400);
    }
  }

  @Test
  void soci_parallelPull_everyAnswerSaysRangesWork() {
    try (var wire = registry.connect()) {
      assertThat(get(wire, "bytes=0-1").header("Accept-Ranges")).isEqualTo("bytes");
      assertThat(wire.send("GET", path()).read().header("Accept-Ranges")).isEqualTo("bytes");
      assertThat(wire.send("HEAD", path()).readHead().header("Accept-Ranges")).isEqualTo("bytes");
      assertThat(get(wire, "bytes=0-1,5-6").header("Accept-Ranges")).isEqualTo("bytes");
    }
  }

  /** It does not tell 206 from 200, and takes the first bytes of whatever comes. */
  @Test
  void nydus_anySingleRange_exactlyThoseBytes() {
    try (var wire = registry.connect()) {
      for (int first = 1; first < SIZE; first += 1 << 20) {
        int end = Math.min(SIZE, first + (1 << 20));
        var answer = get(wire, "bytes=" + first + '-' + (end - 1));
        assertThat(answer.status()).isEqualTo(206);
        assertThat(answer.body()).isEqualTo(blob.slice(first, end));
      }
    }
  }

  /** Parallel fetch: open ranges, each connection closed once its part has come. */
  @Test
  void containerd_parallelOpenRanges_eachFirstPart() {
    var parts =
        Race.run(
            16,
            i -> {
              try (var wire = registry.connect()) {
                wire.send("GET", path(), "Range: bytes=" + i * CHUNK + '-');
                return wire.readPartOfBody(CHUNK);
              }
            });
    for (int i = 0; i < 16; i++) {
      assertThat(parts.get(i)).isEqualTo(blob.slice(i * CHUNK, (i + 1) * CHUNK));
    }
  }

  /** Versions 2.1.0 to 2.1.2 send a range for manifests too. */
  @ParameterizedTest
  @ValueSource(strings = {"bytes=0-", "bytes=5-", "bytes=0-9", "bytes=-4", "bytes=0-99999999"})
  void containerd_rangeOnManifest_neverError(String range) {
    var image = repository.pushImage();
    var response =
        repository
            .request()
            .header("Range", range)
            .get(repository.path("manifests/" + image.digest()));
    assertThat(response.statusCode()).isIn(200, 206);
    if (response.statusCode() == 200) {
      assertThat(response.asByteArray()).isEqualTo(image.bytes());
    } else {
      assertRangeOf(image, response);
    }
  }

  @Test
  void anyClient_takesEncodings_getsPlainBytes() {
    try (var wire = registry.connect()) {
      for (String range : new String[] {"bytes=0-99", "bytes=0-9,20-29", "bytes=0-"}) {
        var answer =
            wire.send(
                    "GET", path(), "Range: " + range, "Accept-Encoding: zstd, gzip, deflate, br, *")
                .read();
        assertThat(answer.status()).isEqualTo(206);
        assertThat(answer.header("Content-Encoding")).isEmpty();
      }
    }
  }

  @Test
  void anyBlob_askedInAnyForm_noRedirect() {
    for (String range : new String[] {"bytes=0-1", "bytes=0-", "bytes=-1", "bytes=0-1,3-4"}) {
      var response = repository.request().header("Range", range).get(path());
      assertThat(response.statusCode()).isEqualTo(206);
      assertThat(response.header("Location")).isNull();
    }
  }

  @Test
  void multipart_hasLengthAndValidator() {
    var response = repository.request().header("Range", "bytes=0-1,5-6").get(path());
    assertHeader(response, "Content-Length", "" + response.asByteArray().length);
    assertHeader(response, "ETag", '"' + blob.digest() + '"');
    assertThat(response.header("Content-Range")).isNull();
  }

  private void assertParts(List<RangeModel> ranges) {
    String header =
        ranges.stream()
            .map(range -> range.first() + "-" + range.last())
            .collect(Collectors.joining(",", "bytes=", ""));
    try (var wire = registry.connect()) {
      var answer = get(wire, header);
      assertThat(answer.status()).isEqualTo(206);
      assertThat(Multipart.read(answer.header("Content-Type"), answer.body(), SIZE))
          .containsExactlyElementsOf(
              ranges.stream().map(range -> Multipart.Part.of(blob, range)).toList());
    }
  }

  private static void assertRangeOf(Content image, Response response) {
    String[] range = response.header("Content-Range").split("[ /-]", -1);
    assertThat(range[3]).isEqualTo("" + image.size());
    assertThat(response.asByteArray())
        .isEqualTo(image.slice(Integer.parseInt(range[1]), Integer.parseInt(range[2]) + 1));
  }

  private Wire.Answer get(Wire wire, String range) {
    return wire.send("GET", path(), "Range: " + range, "Accept-Encoding: identity").read();
  }

  private String path() {
    return repository.path("blobs/" + blob.digest());
  }
}
