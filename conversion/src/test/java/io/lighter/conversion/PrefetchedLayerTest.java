package io.lighter.conversion;

import static io.lighter.conversion.Conversions.CHUNK;
import static io.lighter.conversion.Conversions.gunzip;
import static io.lighter.conversion.Conversions.gzip;
import static io.lighter.conversion.EStargzReader.sha256;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.conversion.gzip.GzipEncoders;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;

class PrefetchedLayerTest {

  private static final String LANDMARK = ".prefetch.landmark";

  private static TarBuilder layer() {
    return new TarBuilder()
        .directory("./")
        .directory("bin/")
        .file("bin/sh", noise(3 * CHUNK + 77))
        .file("bin/ls", noise(100))
        .hardlink("bin/bash", "bin/sh")
        .symlink("bin/link", "../bin/sh")
        .directory("etc/")
        .file("etc/passwd", "root:x:0:0")
        .file("etc/empty", "")
        .directory("etc/deep/")
        .directory("etc/deep/er/")
        .file("etc/deep/er/conf", "x=1")
        .file("last", "end");
  }

  @Test
  void convert_list_putsItsFilesInFrontInItsOrder() throws IOException {
    var converted = convert(layer(), "etc/deep/er/conf\nbin/ls\nmissing\n/last");

    assertThat(converted.tarNames())
        .containsExactly(
            "./",
            "etc/",
            "etc/deep/",
            "etc/deep/er/",
            "etc/deep/er/conf",
            "bin/",
            "bin/ls",
            "last",
            LANDMARK,
            "bin/sh",
            "bin/bash",
            "bin/link",
            "etc/passwd",
            "etc/empty",
            "stargz.index.json");
    Prefetched prefetched = converted.layer().prefetched();
    assertThat(prefetched.entries()).isEqualTo(8);
    assertThat(prefetched.offset())
        .isEqualTo(converted.reader().entry(LANDMARK).get("offset").asLong())
        .isGreaterThan(0);
    assertThat(prefetched.bytes()).isEqualTo(8 * 512 + 3 * 512);
    assertThat(prefetched.omitted()).isEmpty();
    assertThat(prefetched.matched())
        .extracting(PrefetchList.Item::path)
        .containsExactlyInAnyOrder("etc/deep/er/conf", "bin/ls", "last");
  }

  @Test
  void convert_list_keepsContentsAndDigests() throws IOException {
    byte[] source = layer().build();
    var converted = convert(gzip(source), "bin/sh\netc/passwd", 1 << 20);
    EStargzReader reader = converted.reader();

    assertThat(reader.content("bin/sh")).isEqualTo(noise(3 * CHUNK + 77));
    assertThat(reader.content("bin/ls")).isEqualTo(noise(100));
    assertThat(reader.text("etc/deep/er/conf")).isEqualTo("x=1");
    assertThat(converted.layer().diffId()).hasToString(sha256(gunzip(converted.blob())));
    assertThat(converted.layer().sourceDiffId()).hasToString(sha256(source));
    assertThat(converted.layer().uncompressedSize()).isEqualTo(gunzip(converted.blob()).length);
    assertThat(converted.layer().tocDigest()).hasToString(reader.tocDigest());
    assertThat(converted.layer().size()).isEqualTo(converted.blob().length);
    assertThat(converted.layer().entries()).isEqualTo(13);
  }

  @Test
  void convert_hardLinkToUnnamedFile_takesTheFileAlong() throws IOException {
    var converted = convert(layer(), "bin/bash");

    assertThat(converted.tarNames().subList(0, 5))
        .containsExactly("./", "bin/", "bin/sh", "bin/bash", LANDMARK);
  }

  @Test
  void convert_chainOfHardLinks_takesAllAlong() throws IOException {
    var tar = new TarBuilder().file("f", "x").hardlink("a", "f").hardlink("b", "a").file("z", "z");

    assertThat(convert(tar, "b").tarNames().subList(0, 4)).containsExactly("f", "a", "b", LANDMARK);
  }

  @Test
  void convert_pattern_takesMatchesInTheOrderOfTheLayer() throws IOException {
    var converted = convert(layer(), "etc/**/conf\nbin/*s*");

    assertThat(converted.tarNames().subList(0, 9))
        .containsExactly(
            "./",
            "etc/",
            "etc/deep/",
            "etc/deep/er/",
            "etc/deep/er/conf",
            "bin/",
            "bin/sh",
            "bin/ls",
            "bin/bash");
  }

  @Test
  void convert_noMatch_givesTheBytesOfNoList() throws IOException {
    byte[] source = layer().build();
    var converted = convert(source, "missing\nnone/*", 1 << 20);

    assertThat(converted.blob()).isEqualTo(Conversions.convert(source).blob());
    assertThat(converted.recipe()).isEqualTo(converter().recipe());
    assertThat(converted.layer().prefetched()).isEqualTo(Prefetched.NONE);
  }

  @Test
  void recipe_list_countsAsItApplies() throws IOException {
    Recipe first = convert(layer(), "bin/ls\nlast").recipe();

    assertThat(first).isNotEqualTo(converter().recipe());
    assertThat(first.id()).startsWith(converter().recipe().id() + "-p");
    assertThat(convert(layer(), "bin/ls\nmissing\n/last\nl?st").recipe()).isEqualTo(first);
    assertThat(convert(layer(), "last\nbin/ls").recipe()).isNotEqualTo(first);
  }

  @Test
  void convert_limit_leavesOutWhatDoesNotFitAndGoesOn() throws IOException {
    // Without bin/sh: three headers of directories and two of files, and two blocks of content.
    var converted = convert(layer().build(), "bin/ls\nbin/bash\netc/passwd", 7 * 512);

    assertThat(converted.tarNames().subList(0, 6))
        .containsExactly("./", "bin/", "bin/ls", "etc/", "etc/passwd", LANDMARK);
    assertThat(converted.layer().prefetched().omitted()).containsExactly("bin/bash");
    assertThat(converted.layer().prefetched().bytes()).isEqualTo(7 * 512);
    assertThat(converted.reader().content("bin/sh")).isEqualTo(noise(3 * CHUNK + 77));
    assertThat(convert(layer().build(), "bin/ls\netc/passwd", 7 * 512 - 1).tarNames().subList(0, 4))
        .containsExactly("./", "bin/", "bin/ls", LANDMARK);
  }

  @Test
  void convert_pathThatIsThereTwice_keepsTheLastOne() throws IOException {
    var tar =
        new TarBuilder()
            .file("a", "first")
            .directory("d/")
            .file("a", "second")
            .directory("d/")
            .file("d/f", "f")
            .file("d/f", "g");
    var converted = convert(tar, "d/f\n./a");

    assertThat(converted.tarNames())
        .containsExactly("d/", "d/", "d/f", "d/f", "a", "a", LANDMARK, "stargz.index.json");
    assertThat(converted.reader().names()).containsExactly("d/", "d/f", "a", LANDMARK);
    assertThat(converted.reader().text("a")).isEqualTo("second");
    assertThat(converted.reader().text("d/f")).isEqualTo("g");
  }

  @Test
  void convert_twiceInTheRest_keepsTheLastOne() throws IOException {
    var tar = new TarBuilder().file("a", "first").file("p", "p").file("a", "second");

    assertThat(convert(tar, "p").reader().text("a")).isEqualTo("second");
  }

  @Test
  void convert_fileBehindAWhiteoutOfItsPath_staysBehindIt() throws IOException {
    var tar =
        new TarBuilder()
            .file("a/.wh.b", "")
            .file("c", "c")
            .directory("a/")
            .directory("a/b/")
            .file("a/b/.wh..wh..opq", "")
            .file("a/b/f", "f")
            .file("a/b/.wh.other", "");

    assertThat(convert(tar, "a/b/f").tarNames())
        .containsExactly(
            "a/",
            "a/.wh.b",
            "a/b/",
            "a/b/.wh..wh..opq",
            "a/b/f",
            LANDMARK,
            "c",
            "a/b/.wh.other",
            "stargz.index.json");
  }

  @Test
  void convert_directoryBehindItsFile_comesFirst() throws IOException {
    var tar = new TarBuilder().file("d/f", "f").file("x", "x").directory("d/");

    assertThat(convert(tar, "d/f").tarNames().subList(0, 3)).containsExactly("d/", "d/f", LANDMARK);
  }

  @Test
  void convert_longNames_moveWithTheirHeaders() throws IOException {
    String name = "d/" + "n".repeat(200);
    var tar =
        new TarBuilder().file("a", "a").gnuLong('L', name).file("short", "long").file("z", "z");

    var converted = convert(tar, name);
    assertThat(converted.tarNames().subList(0, 2)).containsExactly(name, LANDMARK);
    assertThat(converted.reader().text(name)).isEqualTo("long");
  }

  @Test
  void convert_layerConvertedBefore_losesItsOldLandmark() throws IOException {
    byte[] once = convert(layer(), "bin/ls").blob();

    assertThat(convert(once, "last", 1 << 20).tarNames()).containsOnlyOnce(LANDMARK);
  }

  @Test
  void convert_manyOrders_unpackToTheSame() throws IOException {
    byte[] source = layer().build();
    List<String> paths =
        List.of("bin/sh", "bin/ls", "bin/bash", "bin/link", "etc/passwd", "etc/deep", "last", "");
    var random = new Random(5);
    for (int i = 0; i < 50; i++) {
      var lines = new StringBuilder();
      for (int j = random.nextInt(6); j >= 0; j--) {
        lines.append('/').append(paths.get(random.nextInt(paths.size()))).append('\n');
      }
      var converted = convert(source, lines.toString(), random.nextInt(20_000));
      assertThat(converted.tarNames().stream().filter(n -> !n.contains(".prefetch.")).sorted())
          .as("list %s", lines)
          .containsExactlyElementsOf(
              java.util.stream.Stream.concat(
                      new TarNames(source).names().stream(),
                      java.util.stream.Stream.of("stargz.index.json"))
                  .sorted()
                  .toList());
      assertThat(converted.reader().content("bin/sh")).isEqualTo(noise(3 * CHUNK + 77));
      assertThat(converted.tarNames().indexOf("bin/bash"))
          .isGreaterThan(converted.tarNames().indexOf("bin/sh"));
    }
  }

  @Test
  void convert_ownFileOfAReservedName_isRefusedAsWithoutAList() {
    assertThatThrownBy(() -> convert(layer().file("stargz.index.json", "mine"), "**"))
        .isInstanceOf(UnconvertibleLayerException.class)
        .hasMessageContaining("neither landmark nor TOC");
  }

  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record TarNames(byte[] tar) {
    List<String> names() throws IOException {
      var names = new ArrayList<String>();
      try (var in = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
        for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
          names.add(entry.getName());
        }
      }
      return names;
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Converted(ConvertedLayer layer, byte[] blob, Recipe recipe) {
    EStargzReader reader() {
      return EStargzReader.open(blob);
    }

    List<String> tarNames() throws IOException {
      return new TarNames(gunzip(blob)).names();
    }
  }

  private static Converted convert(TarBuilder tar, String list) throws IOException {
    return convert(tar.build(), list, 1 << 20);
  }

  private static Converted convert(byte[] source, String list, long maxBytes) throws IOException {
    Conversions.Result plain = Conversions.convert(source, converter());
    LayerLayout layout =
        converter()
            .layout(Conversions.view(plain.blob()), plain.blob().length, prefetch(list, maxBytes));
    var blob = new ByteArrayOutputStream();
    ConvertedLayer layer = layout.write(plain.layer().sourceDiffId(), blob).layer();
    return new Converted(layer, blob.toByteArray(), layout.recipe());
  }

  private static Prefetch prefetch(String list, long maxBytes) throws IOException {
    var stream = new ByteArrayInputStream(list.getBytes(StandardCharsets.UTF_8));
    return new Prefetch(PrefetchList.parse(stream, "list"), maxBytes);
  }

  private static LayerConverter converter() {
    return new LayerConverter(GzipEncoders.jdk(), Conversions.LIMITS, Runnable::run, 1, CHUNK);
  }

  private static byte[] noise(int length) {
    var bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }
}
