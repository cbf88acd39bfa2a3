package io.lighter.conversion;

import static io.lighter.conversion.Conversions.CHUNK;
import static io.lighter.conversion.Conversions.gunzip;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.gzip.GzipEncoders;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Lists that nobody writes for a start; they come with images, so from anybody. */
class OddPrefetchListTest {

  private static final String LANDMARK = ".prefetch.landmark";
  private static final String TOC = "stargz.index.json";
  private static final int BLOCK = 512;

  @Test
  @Timeout(30)
  void convert_hundredThousandLines_takesThemInTheirOrder() throws IOException {
    var lines = new StringBuilder();
    for (int i = 100_000; i > 0; i--) {
      lines.append("/d/").append(i).append('\n');
    }
    var tar =
        new TarBuilder().directory("d/").file("d/7", "7").file("d/x", "x").file("d/99999", "9");

    var converted = convert(tar, lines.toString(), 1 << 20);
    assertThat(converted.names()).containsExactly("d/", "d/99999", "d/7", LANDMARK, "d/x", TOC);
    assertThat(converted.prefetched().matched()).hasSize(2);
  }

  @Test
  void convert_patternOfEverything_keepsTheOrderOfTheLayer() throws IOException {
    var converted = convert(layer(), "**", 1 << 20);

    assertThat(converted.names())
        .containsExactly(
            "./", "a/", "a/.wh..wh..opq", "a/.wh.gone", "a/f", "f", "link", LANDMARK, TOC);
    assertThat(converted.prefetched().entries()).isEqualTo(7);
    assertThat(converted.prefetched().omitted()).isEmpty();
  }

  @Test
  void convert_whiteoutsLinksDirectoriesAndRepetitions_takesEachOnce() throws IOException {
    var list = "link\na/.wh.gone\na/.wh..wh..opq\nlink\n/a\na/**\n./a/.wh.gone\na/*\n";

    assertThat(convert(layer(), list, 1 << 20).names())
        .containsExactly(
            "./", "f", "link", "a/", "a/.wh..wh..opq", "a/.wh.gone", "a/f", LANDMARK, TOC);
    assertThat(convert(layer(), "a/.wh..wh..opq", 1 << 20).names().subList(0, 4))
        .containsExactly("./", "a/", "a/.wh..wh..opq", LANDMARK);
  }

  @Test
  void convert_noRoomForAnything_isAConversionWithoutList() throws IOException {
    var converted = convert(layer(), "**", BLOCK - 1);

    assertThat(converted.names())
        .startsWith(".no.prefetch.landmark", "./")
        .doesNotContain(LANDMARK);
    assertThat(converted.prefetched().entries()).isZero();
    assertThat(converted.prefetched().offset()).isZero();
    assertThat(converted.prefetched().omitted())
        .containsExactlyInAnyOrder("", "a", "a/.wh..wh..opq", "a/.wh.gone", "a/f", "f", "link");
  }

  @Test
  void convert_moreThanTheLimit_staysBelowIt() throws IOException {
    var tar = new TarBuilder();
    for (int i = 0; i < 400; i++) {
      tar.file("f" + i, "x".repeat(3000)).hardlink("l" + i, "f" + i);
    }
    long limit = 100L * BLOCK;

    var converted = convert(tar, "l*", limit);
    assertThat(converted.prefetched().bytes()).isBetween(limit - 8 * BLOCK, limit);
    assertThat(converted.prefetched().omitted()).isNotEmpty();
  }

  @Test
  void add_thousandPatternsOfEverything_remembersEachEntryOnce() {
    List<PrefetchList.Item> items =
        IntStream.range(0, 1000)
            .mapToObj(i -> new PrefetchList.Item("**[!" + (char) (0x4e00 + i) + "]", true))
            .toList();
    var index = new LayerIndex(new PrefetchList(items), Conversions.LIMITS);
    for (int i = 0; i < 500; i++) {
      index.add(file("f" + i), i);
    }

    assertThat(index.matches(0)).hasSize(500);
    assertThat(IntStream.range(1, 1000).filter(i -> !index.matches(i).isEmpty())).isEmpty();
    assertThat(IntStream.range(0, 1000)).allMatch(index::isMatched);
  }

  private static TarBuilder layer() {
    return new TarBuilder()
        .directory("./")
        .directory("a/")
        .file("a/.wh..wh..opq", "")
        .file("a/.wh.gone", "")
        .file("a/f", "in a")
        .file("f", "f")
        .hardlink("link", "f");
  }

  private static TarEntry file(String name) {
    byte[] header = TocMember.header(name, 0);
    return new TarEntry(TarEntry.Kind.REG, name, "", 0, 0, 0, 0, "", "", 0, 0, 0, Map.of(), header);
  }

  private record Converted(Prefetched prefetched, List<String> names) {}

  private static Converted convert(TarBuilder tar, String list, long maxBytes) throws IOException {
    var stream = new ByteArrayInputStream(list.getBytes(StandardCharsets.UTF_8));
    var prefetch = new Prefetch(PrefetchList.parse(stream, "list"), maxBytes);
    var converter =
        new LayerConverter(GzipEncoders.jdk(), Conversions.LIMITS, Runnable::run, 1, CHUNK);
    Conversions.Result plain = Conversions.convert(tar.build(), converter);
    LayerLayout layout =
        converter.layout(Conversions.view(plain.blob()), plain.blob().length, prefetch);
    var blob = new ByteArrayOutputStream();
    Prefetched prefetched = layout.write(plain.layer().sourceDiffId(), blob).layer().prefetched();
    return new Converted(prefetched, names(gunzip(blob.toByteArray())));
  }

  private static List<String> names(byte[] tar) throws IOException {
    var names = new ArrayList<String>();
    try (var in = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
      for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        names.add(entry.getName());
      }
    }
    return names;
  }
}
