package io.lighter.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.lighter.oci.Digest;
import io.lighter.oci.InvalidManifestException;
import io.lighter.oci.InvalidReferenceException;
import io.lighter.oci.ManifestView;
import io.lighter.oci.Reference;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.http.range.ByteRange;
import io.lighter.server.http.range.ContentRange;
import io.lighter.server.http.range.RangeHeader;
import io.lighter.storage.UploadId;
import io.vertx.core.MultiMap;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * What holds for every input of the pure parsers: nothing is thrown but what is declared, what is
 * accepted reads back as itself, and nothing that is accepted leads out of its place. Inputs are
 * the kept corpus, damaged at random, for a second each. A failure prints seed and input; an input
 * that ever failed belongs into the corpus.
 */
class ParserPropertiesTest {
  private static final Duration BUDGET = Duration.ofMillis(800);
  private static final String ALPHABET =
      "abcxyz019:/.%-_~+=&?,;*@\\ \t\"'<>()[]{}#\u0000\u0001\u007f\u00e9\u2024\uff0f\uff11"
          + "2eE5cC2fFvVAZ";

  @Test
  void paths() {
    check(
        "paths",
        text -> {
          Optional<Endpoint> endpoint = OciPath.parse(text);
          endpoint.ifPresent(ParserPropertiesTest::harmless);
          assertThat(OciPath.parse(text)).isEqualTo(endpoint);
        });
  }

  /** What a name or reference becomes once its handler has accepted it. */
  private static void harmless(Endpoint endpoint) {
    switch (endpoint) {
      case Endpoint.Ping _, Endpoint.Token _, Endpoint.Catalog _ -> {}
      case Endpoint.Blob blob -> {
        name(blob.name());
        Digest.tryParse(blob.digest()).ifPresent(ParserPropertiesTest::digest);
      }
      case Endpoint.Uploads uploads -> name(uploads.name());
      case Endpoint.Upload upload -> {
        name(upload.name());
        UploadId.tryParse(upload.id())
            .ifPresent(id -> assertThat(id.toString()).isEqualTo(upload.id()).matches("[\\w-]+"));
      }
      case Endpoint.Manifest manifest -> {
        name(manifest.name());
        Tag.tryParse(manifest.reference()).ifPresent(ParserPropertiesTest::tag);
        Digest.tryParse(manifest.reference()).ifPresent(ParserPropertiesTest::digest);
      }
      case Endpoint.Tags tags -> name(tags.name());
      case Endpoint.Referrers referrers -> {
        name(referrers.name());
        Digest.tryParse(referrers.digest()).ifPresent(ParserPropertiesTest::digest);
      }
    }
  }

  private static void name(String text) {
    RepositoryName.tryParse(text)
        .ifPresent(name -> {
          assertThat(name.value()).isEqualTo(text).matches("[a-z0-9._/-]+");
          assertThat(("/" + name + "/")).doesNotContain("//", "/.", "./", "..");
        });
  }

  private static void tag(Tag tag) {
    assertThat(tag.value()).matches("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
  }

  private static void digest(Digest digest) {
    assertThat(digest.toString()).matches("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}");
    assertThat(Digest.parse(digest.toString())).isEqualTo(digest);
  }

  @Test
  void references() {
    check(
        "references",
        text -> {
          try {
            Reference reference = Reference.parse(text);
            assertThat(reference.toString()).isEqualTo(text);
            assertThat(text).doesNotContain("/", "\\", "%", "..:");
          } catch (InvalidReferenceException e) {
            assertThat(e.getMessage()).hasSizeLessThan(600);
          }
          name(text);
          UploadId.tryParse(text).ifPresent(id -> assertThat(id.toString()).isEqualTo(text));
        });
  }

  @Test
  void queries() {
    check(
        "queries",
        text -> {
          var query = Query.parse(text);
          var again = new StringBuilder();
          for (Query.Parameter parameter : query.parameters()) {
            again
                .append(again.isEmpty() ? "" : "&")
                .append(Query.encode(parameter.name()))
                .append('=')
                .append(Query.encode(parameter.value()));
          }
          // "=" alone has an empty name, which reads back as itself too.
          assertThat(Query.parse(again.toString())).isEqualTo(query);
          paging(query);
        });
  }

  private static void paging(Query query) {
    try {
      var paging = Paging.parse(query);
      assertThat(paging.limit()).isBetween(0, Paging.MAX);
      String link = paging.link("/v2/a/tags/list", "last", query);
      // It stands in a header between angle brackets.
      assertThat(link).matches("</v2/a/tags/list\\?[\\x21-\\x3b\\x3d\\x3f-\\x7e]*>; rel=\"next\"");
      var next = Query.parse(link.substring(link.indexOf('?') + 1, link.indexOf('>')));
      assertThat(Paging.parse(next)).isEqualTo(new Paging(paging.limit(), "last"));
      for (String kept : new String[] {"ns", "artifactType"}) {
        assertThat(next.all(kept)).isEqualTo(query.all(kept));
      }
    } catch (ProtocolException e) {
      assertThat(e.status()).isEqualTo(400);
    }
  }

  /** Against a model that knows only which byte is in which range. */
  @Test
  void ranges() {
    check(
        "ranges",
        text -> {
          for (long size : new long[] {0, 1, 2, 9, 10, 100, 1L << 40}) {
            switch (RangeHeader.parse(text, size)) {
              case RangeHeader.Whole _, RangeHeader.Unsatisfiable _ -> {}
              case RangeHeader.TooMany many ->
                  assertThat(many.count()).isGreaterThan(RangeHeader.MAX_RANGES);
              case RangeHeader.Satisfiable(List<ByteRange> found) -> {
                assertThat(found).isNotEmpty().hasSizeLessThanOrEqualTo(RangeHeader.MAX_RANGES);
                for (ByteRange range : found) {
                  assertThat(range.first()).isBetween(0L, range.last());
                  assertThat(range.last()).isLessThan(size);
                }
                var again = new StringBuilder("bytes=");
                found.forEach(range ->
                    again.append(range.first()).append('-').append(range.last()).append(','));
                assertThat(RangeHeader.parse(again.toString(), size))
                    .isEqualTo(new RangeHeader.Satisfiable(found));
              }
            }
          }
        });
  }

  @Test
  void lists_ofRanges_agreeWithModelByteByByte() {
    var random = new Random(20_261_121);
    for (int round = 0; round < 5_000; round++) {
      byte[] blob = new byte[random.nextInt(30)];
      random.nextBytes(blob);
      var specs = new ArrayList<String>();
      var expected = new ArrayList<byte[]>();
      for (int i = 0; i <= random.nextInt(6); i++) {
        specs.add(spec(random));
        model(specs.getLast(), blob).ifPresent(expected::add);
      }
      String header = "bytes=" + String.join(random.nextBoolean() ? "," : " ,\t", specs);
      var actual = new ArrayList<byte[]>();
      if (RangeHeader.parse(header, blob.length)
          instanceof RangeHeader.Satisfiable(List<ByteRange> found)) {
        for (ByteRange range : found) {
          actual.add(
              java.util.Arrays.copyOfRange(blob, (int) range.first(), (int) range.last() + 1));
        }
      }
      assertThat(actual)
          .as("%s of %d bytes", header, blob.length)
          .containsExactlyElementsOf(expected);
    }
  }

  private static String spec(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> random.nextInt(40) + "-" + random.nextInt(40);
      case 1 -> random.nextInt(40) + "-";
      default -> "-" + random.nextInt(40);
    };
  }

  private static Optional<byte[]> model(String spec, byte[] blob) {
    var bytes = new java.io.ByteArrayOutputStream();
    int dash = spec.indexOf('-');
    for (int at = 0; at < blob.length; at++) {
      int fromEnd = blob.length - at;
      boolean in =
          dash == 0
              ? fromEnd <= Integer.parseInt(spec.substring(1))
              : at >= Integer.parseInt(spec.substring(0, dash))
                  && (dash == spec.length() - 1
                      || at <= Integer.parseInt(spec.substring(dash + 1)));
      if (in) {
        bytes.write(blob[at]);
      }
    }
    return bytes.size() == 0 ? Optional.empty() : Optional.of(bytes.toByteArray());
  }

  @Test
  void contentRanges() {
    check(
        "content-ranges",
        text ->
            ContentRange.parse(text)
                .ifPresent(range -> {
                  assertThat(range.first()).isNotNegative();
                  assertThat(range.length()).isPositive();
                  assertThat(ContentRange.parse(range.first() + "-" + range.last()))
                      .contains(range);
                }));
  }

  @Test
  void entityTags() {
    Digest digest = Digest.ofSha256(new byte[0]);
    check(
        "entity-tags",
        text -> {
          assertThat(EntityTags.anyStrong(text, digest) && !EntityTags.anyWeak(text, digest))
              .isFalse();
          if (EntityTags.anyWeak(text, digest)) {
            assertThat(text.contains("*") || text.contains(digest.toString())).isTrue();
          }
        });
  }

  @Test
  void proxies() {
    check(
        "forwarded",
        text -> {
          var headers = MultiMap.caseInsensitiveMultiMap().add("X-Forwarded-For", text);
          String client =
              TrustedProxies.parse(List.of("10.0.0.0/8"))
                  .client(new Peer("10.0.0.1", "10.0.0.1:80"), headers);
          assertThat(client).matches("10.0.0.1:80|[0-9a-f:.]+(%.*)?");
        });
  }

  @Test
  void manifests() {
    check(
        "manifests",
        text -> {
          for (Optional<String> type :
              List.of(
                  Optional.<String>empty(),
                  Optional.of("application/vnd.oci.image.manifest.v1+json; charset=utf-8"))) {
            for (byte[] bytes : new byte[][] {text.getBytes(UTF_8), text.getBytes(ISO_8859_1)}) {
              try {
                ManifestView view = ManifestView.parse(type, bytes);
                assertThat(ManifestView.parse(type, bytes)).isEqualTo(view);
                view.requiredBlobs()
                    .forEach(blob -> {
                      assertThat(blob.size()).isNotNegative();
                      digest(blob.digest());
                    });
                view.manifests().forEach(child -> digest(child.digest()));
              } catch (InvalidManifestException e) {
                assertThat(e.getMessage()).isNotBlank();
              }
            }
          }
        });
  }

  private static void check(String corpus, Consumer<String> property) {
    List<String> seeds = corpus(corpus);
    seeds.forEach(property);
    long seed = System.nanoTime();
    var random = new Random(seed);
    long end = System.nanoTime() + BUDGET.toNanos();
    while (System.nanoTime() < end) {
      String input = damaged(seeds.get(random.nextInt(seeds.size())), seeds, random);
      long startedAt = System.nanoTime();
      try {
        property.accept(input);
      } catch (RuntimeException | Error e) {
        fail("seed %d, input %s".formatted(seed, quoted(input)), e);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - startedAt))
          .as("time for %s", quoted(input))
          .isLessThan(Duration.ofSeconds(5));
    }
  }

  private static String damaged(String seed, List<String> seeds, Random random) {
    var text = new StringBuilder(seed);
    for (int change = 0; change <= random.nextInt(4); change++) {
      int at = random.nextInt(text.length() + 1);
      int to = Math.min(text.length(), at + 1 + random.nextInt(4));
      char any = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
      switch (random.nextInt(7)) {
        case 0 -> text.insert(at, any);
        case 1 -> text.delete(at, to);
        case 2 -> text.replace(at, to, String.valueOf(any));
        case 3 -> text.insert(at, text.substring(at, to).repeat(1 + random.nextInt(20)));
        case 4 -> text.insert(at, seeds.get(random.nextInt(seeds.size())));
        case 5 -> text.insert(at, random.nextBoolean() ? random.nextLong() : Long.MAX_VALUE);
        default -> text.setLength(at);
      }
    }
    text.setLength(Math.min(text.length(), 20_000));
    return text.toString();
  }

  private static String quoted(String input) {
    var text = new StringBuilder();
    input.chars().forEach(c -> text.append(c < 32 || c > 126 ? "\\u%04x".formatted(c) : (char) c));
    return text.toString();
  }

  private static List<String> corpus(String name) {
    try (InputStream lines =
        Objects.requireNonNull(
            ParserPropertiesTest.class.getResourceAsStream("corpus/" + name + ".txt"))) {
      return new String(lines.readAllBytes(), UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
