package io.lighter.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Ranges that nobody thought of: random forms and numbers over blobs of random sizes, compared with
 * a model. A failure names its seed; {@code -Dlighter.conformance.seed=N} repeats it.
 */
@ExtendWith(RegistryExtension.class)
class RangePropertyTest {
  private static final int BLOBS = 12;
  private static final int REQUESTS = 120;

  private final long seed =
      Long.getLong("lighter.conformance.seed", new Random().nextInt(1_000_000));
  private final Random random = new Random(seed);
  private final Registry registry;
  private final Repository repository;

  RangePropertyTest(Registry registry) {
    this.registry = registry;
    this.repository = registry.repository();
  }

  /** A range as it is written and what it means. */
  private record Case(String text, Optional<RangeModel> model) {}

  @Test
  void range_random_likeModel() {
    for (int i = 0; i < BLOBS; i++) {
      var blob = blob(i);
      try (var wire = registry.connect()) {
        for (int request = 0; request < REQUESTS; request++) {
          var one = someRange(blob.size());
          assertLike(one.text(), List.of(one), blob, wire);
        }
      }
    }
  }

  @Test
  void ranges_random_likeModel() {
    for (int i = 0; i < BLOBS; i++) {
      var blob = blob(i);
      try (var wire = registry.connect()) {
        for (int request = 0; request < REQUESTS / 3; request++) {
          var cases = new ArrayList<Case>();
          var header = new StringBuilder();
          int count = 2 + random.nextInt(20);
          for (int n = 0; n < count; n++) {
            var one = someRange(blob.size());
            cases.add(one);
            header.append(n == 0 ? "" : random.nextBoolean() ? "," : " ,\t").append(one.text());
          }
          assertLike(header.toString(), cases, blob, wire);
        }
      }
    }
  }

  private Content blob(int number) {
    int[] sizes = {1, 2, 3, 1000, 4096, 50_000, 65_535, 65_536, 65_537, 131_072};
    var blob = Content.random(number < sizes.length ? sizes[number] : 1 + random.nextInt(300_000));
    repository.push(blob);
    return blob;
  }

  private Case someRange(int size) {
    var first = number(size);
    return switch (random.nextInt(4)) {
      case 0 -> new Case(first + "-", RangeModel.open(first, size));
      case 1 -> new Case("-" + first, RangeModel.suffix(first, size));
      default -> {
        var last = first.add(number(size));
        yield new Case(first + "-" + last, RangeModel.closed(first, last, size));
      }
    };
  }

  private BigInteger number(int size) {
    return switch (random.nextInt(8)) {
      case 0 -> BigInteger.valueOf(random.nextInt(3));
      case 1 -> BigInteger.valueOf(Math.max(0, size - 2 + random.nextInt(4)));
      case 2 -> new BigInteger(70, random);
      default -> BigInteger.valueOf(random.nextInt(size));
    };
  }

  private void assertLike(String ranges, List<Case> cases, Content blob, Wire wire) {
    var parts = cases.stream().flatMap(each -> each.model().stream()).toList();
    var what = "seed %d, size %d, bytes=%s".formatted(seed, blob.size(), ranges);
    var answer =
        wire.send("GET", repository.path("blobs/" + blob.digest()), "Range: bytes=" + ranges)
            .read();
    if (parts.isEmpty()) {
      assertThat(answer.status()).as(what).isEqualTo(416);
      assertThat(answer.header("Content-Range")).as(what).isEqualTo("bytes */" + blob.size());
      return;
    }
    if (answer.status() == 400) {
      assertThat(parts.stream().mapToLong(RangeModel::length).sum())
          .as("%s: refused, though it asks for no more than twice the blob", what)
          .isGreaterThan(2L * blob.size());
      return;
    }
    assertThat(answer.status()).as(what).isEqualTo(206);
    if (cases.size() == 1 || (parts.size() == 1 && answer.header("Content-Range").length() > 0)) {
      var part = parts.getFirst();
      assertThat(answer.header("Content-Range")).as(what).isEqualTo(part.contentRange(blob.size()));
      assertThat(answer.body()).as(what).isEqualTo(blob.slice(part.first(), part.last() + 1));
      return;
    }
    assertThat(Multipart.read(answer.header("Content-Type"), answer.body(), blob.size()))
        .as(what)
        .containsExactlyElementsOf(
            parts.stream().map(part -> Multipart.Part.of(blob, part)).toList());
  }
}
