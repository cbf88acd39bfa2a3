package io.lighter.conversion;

import static io.lighter.conversion.Conversions.CHUNK;
import static io.lighter.conversion.Conversions.concat;
import static io.lighter.conversion.Conversions.convert;
import static io.lighter.conversion.Conversions.gunzip;
import static io.lighter.conversion.Conversions.gzip;
import static io.lighter.conversion.Conversions.zstd;
import static io.lighter.conversion.EStargzReader.sha256;
import static io.lighter.conversion.TarBuilder.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.conversion.Conversions.Result;
import io.lighter.conversion.gzip.GzipEncoders;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.io.input.BrokenInputStream;
import org.junit.jupiter.api.Test;

class LayerConverterTest {

  private static final String LANDMARK = ".no.prefetch.landmark";

  /** One of everything that a layer may have. */
  private static TarBuilder everything() {
    return new TarBuilder()
        .directory("./")
        .directory("bin/")
        .file("bin/sh", noise(3 * CHUNK + 77))
        .file("bin/exact", noise(2 * CHUNK))
        .hardlink("bin/bash", "bin/sh")
        .symlink("bin/link", "../bin/sh")
        .file("etc/empty", "")
        .file("etc/passwd", "root:x:0:0")
        .entry(header("dev/null", '3').mode(0666).device(1, 3))
        .entry(header("dev/disk", '4').mode(0660).device(8, 1))
        .entry(header("run/pipe", '6'))
        .file("var/.wh.gone", "")
        .file("etc/.wh..wh..opq", "");
  }

  private static byte[] noise(int length) {
    var bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  @Test
  void convert_everything_isReadableByChunk() {
    Result result = convert(everything().build());
    var reader = EStargzReader.open(result.blob());

    assertThat(reader.names())
        .containsExactly(
            LANDMARK,
            "./",
            "bin/",
            "bin/sh",
            "bin/exact",
            "bin/bash",
            "bin/link",
            "etc/empty",
            "etc/passwd",
            "dev/null",
            "dev/disk",
            "run/pipe",
            "var/.wh.gone",
            "etc/.wh..wh..opq");
    assertThat(reader.content("bin/sh")).isEqualTo(noise(3 * CHUNK + 77));
    assertThat(reader.content("bin/exact")).isEqualTo(noise(2 * CHUNK));
    assertThat(reader.text("etc/passwd")).isEqualTo("root:x:0:0");
    assertThat(reader.content(LANDMARK)).containsExactly(0x0f);
    assertThat(reader.entry("bin/bash").get("type").asString()).isEqualTo("hardlink");
    assertThat(reader.entry("bin/bash").get("linkName").asString()).isEqualTo("bin/sh");
    assertThat(reader.entry("bin/link").get("linkName").asString()).isEqualTo("../bin/sh");
    assertThat(reader.entry("dev/null").get("type").asString()).isEqualTo("char");
    assertThat(reader.entry("dev/null").get("devMinor").asInt()).isEqualTo(3);
    assertThat(reader.entry("dev/disk").get("type").asString()).isEqualTo("block");
    assertThat(reader.entry("dev/disk").get("devMajor").asInt()).isEqualTo(8);
    assertThat(reader.entry("run/pipe").get("type").asString()).isEqualTo("fifo");
  }

  @Test
  void convert_everything_describesTheBlobItWrote() {
    byte[] source = everything().build();
    Result result = convert(gzip(source));
    byte[] plain = gunzip(result.blob());

    assertThat(result.layer().size()).isEqualTo(result.blob().length);
    assertThat(result.layer().uncompressedSize()).isEqualTo(plain.length);
    assertThat(result.layer().diffId()).hasToString(sha256(plain));
    assertThat(result.layer().sourceDiffId()).hasToString(sha256(source));
    assertThat(result.layer().tocDigest())
        .hasToString(EStargzReader.open(result.blob()).tocDigest());
    assertThat(result.layer().entries()).isEqualTo(13);
    assertThat(result.layer().impliedDirectories())
        .containsExactlyInAnyOrder("dev", "etc", "run", "var");
  }

  @Test
  void convert_everything_keepsTheSourcesBytesBetweenLandmarkAndToc() throws IOException {
    byte[] entries = everything().bytes();
    byte[] plain = gunzip(convert(everything().build()).blob());

    assertThat(Arrays.copyOfRange(plain, 1024, 1024 + entries.length)).isEqualTo(entries);
    try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(plain))) {
      assertThat(tar.getNextEntry().getName()).isEqualTo(LANDMARK);
      tar.skipNBytes(1);
      String last = "";
      for (var e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
        last = e.getName();
      }
      assertThat(last).isEqualTo("stargz.index.json");
    }
    assertThat(Arrays.copyOfRange(plain, plain.length - 1024, plain.length)).containsOnly(0);
  }

  @Test
  void convert_everything_beginsMembersAtPayloadsOnly() {
    Result result = convert(everything().build());
    var reader = EStargzReader.open(result.blob());
    long chunks = reader.entries().stream().filter(e -> e.has("offset")).count();

    // The landmark's header, every chunk, the TOC, the footer.
    assertThat(reader.members()).hasSize((int) chunks + 3);
    assertThat(chunks).isEqualTo(1 + 4 + 2 + 1);
  }

  @Test
  void convert_chunkedFile_saysChunkSizeOfFullChunksOnly() {
    var reader = EStargzReader.open(convert(everything().build()).blob());

    assertThat(reader.entry("bin/sh").get("chunkSize").asInt()).isEqualTo(CHUNK);
    assertThat(reader.entry("bin/exact").get("chunkSize").asInt()).isEqualTo(CHUNK);
    assertThat(reader.entry("etc/passwd").has("chunkSize")).isFalse();
    var last =
        reader.entries().stream()
            .filter(e -> e.get("type").asString().equals("chunk"))
            .filter(e -> e.get("chunkOffset").asInt() == 3 * CHUNK)
            .findFirst()
            .orElseThrow();
    assertThat(last.has("chunkSize")).isFalse();
    assertThat(last.has("size")).isFalse();
  }

  @Test
  void convert_emptyFile_hasDigestAndNoOffset() {
    var entry = EStargzReader.open(convert(everything().build()).blob()).entry("etc/empty");

    assertThat(entry.get("digest").asString()).isEqualTo(sha256(new byte[0]));
    assertThat(entry.has("offset")).isFalse();
    assertThat(entry.has("chunkDigest")).isFalse();
    assertThat(entry.has("size")).isFalse();
  }

  @Test
  void convert_attributes_areInTheToc() {
    byte[] source =
        new TarBuilder()
            .entry(
                header("x", '0')
                    .mode(0100_4755)
                    .owner(1000, 1001)
                    .mtime(1_600_000_000)
                    .text(265, "ada")
                    .text(297, "staff"))
            .build();
    var entry = EStargzReader.open(convert(source).blob()).entry("x");

    assertThat(entry.get("mode").asInt()).isEqualTo(0100_4755);
    assertThat(entry.get("uid").asInt()).isEqualTo(1000);
    assertThat(entry.get("gid").asInt()).isEqualTo(1001);
    assertThat(entry.get("userName").asString()).isEqualTo("ada");
    assertThat(entry.get("groupName").asString()).isEqualTo("staff");
    assertThat(entry.get("modtime").asString()).isEqualTo("2020-09-13T12:26:40Z");
  }

  @Test
  void convert_epoch_isNotLeftOut() {
    byte[] source = new TarBuilder().entry(header("x", '0').mtime(0)).build();

    assertThat(EStargzReader.open(convert(source).blob()).entry("x").get("modtime").asString())
        .isEqualTo("1970-01-01T00:00:00Z");
  }

  @Test
  void convert_xattrs_areBase64OfTheirBytes() {
    byte[] capability = {1, 0, 0, 2, (byte) 0xff, '\n', 0};
    byte[] source =
        new TarBuilder()
            .pax(
                'x',
                Map.of(
                    "SCHILY.xattr.security.capability",
                    capability,
                    "SCHILY.xattr.user.empty",
                    new byte[0]))
            .file("ping", "x")
            .build();
    var xattrs = EStargzReader.open(convert(source).blob()).entry("ping").get("xattrs");

    assertThat(xattrs.size()).isEqualTo(2);
    assertThat(Base64.getDecoder().decode(xattrs.get("security.capability").asString()))
        .isEqualTo(capability);
    assertThat(xattrs.get("user.empty").asString()).isEmpty();
  }

  @Test
  void convert_sameSourceInEveryCompression_givesSameBlob() {
    byte[] tar = everything().build();
    byte[] expected = convert(tar).blob();

    assertThat(convert(gzip(tar)).blob()).isEqualTo(expected);
    assertThat(convert(zstd(tar)).blob()).isEqualTo(expected);
    int cut = 3000;
    byte[] first = Arrays.copyOf(tar, cut);
    byte[] second = Arrays.copyOfRange(tar, cut, tar.length);
    assertThat(convert(concat(gzip(first), gzip(new byte[0]), gzip(second))).blob())
        .isEqualTo(expected);
    assertThat(convert(concat(zstd(first), zstd(second))).blob()).isEqualTo(expected);
  }

  @Test
  void convert_ownResult_givesSameBlobAgain() {
    byte[] blob = convert(everything().build()).blob();

    assertThat(convert(blob).blob()).isEqualTo(blob);
  }

  @Test
  void convert_reservedNames_areDropped() {
    byte[] source =
        new TarBuilder()
            .file("/.prefetch.landmark", "\u000f")
            .file("a", "1")
            .file("./.no.prefetch.landmark", "\u000f")
            .file("sub/stargz.index.json", "2")
            .file("stargz.index.json", "{\n\t\"version\": 1,\n\t\"entries\": []\n}")
            .build();
    Result result = convert(source);

    assertThat(EStargzReader.open(result.blob()).names())
        .containsExactly(LANDMARK, "a", "sub/stargz.index.json");
    assertThat(result.layer().entries()).isEqualTo(2);
  }

  @Test
  void convert_emptyLayer_hasLandmarkOnly() {
    for (byte[] source : new byte[][] {new byte[1024], new byte[10240], new byte[0]}) {
      assertThat(EStargzReader.open(convert(source).blob()).names()).containsExactly(LANDMARK);
    }
  }

  @Test
  void convert_endOfArchiveMissingOrFollowedByRubbish_isIgnoredButHashed() {
    byte[] rubbish =
        concat(everything().build(), new byte[512], "rubbish".getBytes(StandardCharsets.UTF_8));
    byte[] expected = convert(everything().build()).blob();

    assertThat(convert(everything().bytes()).blob()).isEqualTo(expected);
    assertThat(convert(rubbish).blob()).isEqualTo(expected);
    assertThat(convert(rubbish).layer().sourceDiffId()).hasToString(sha256(rubbish));
  }

  @Test
  void convert_repeatedFile_listsTheLastOnly() {
    byte[] source =
        new TarBuilder()
            .file("a", noise(2 * CHUNK))
            .file("b", "b")
            .file("./a", "second")
            .directory("d")
            .directory("d/")
            .build();
    Result result = convert(source);
    var reader = EStargzReader.open(result.blob());

    assertThat(reader.names()).containsExactly(LANDMARK, "b", "./a", "d/");
    assertThat(reader.text("./a")).isEqualTo("second");
    assertThat(result.layer().uncompressedSize()).isEqualTo(gunzip(result.blob()).length);
  }

  @Test
  void convert_hardLinkToRepeatedFile_meansTheLastBeforeIt() {
    byte[] source =
        new TarBuilder().file("a", "first").file("a", "second").hardlink("b", "/a").build();

    assertThat(EStargzReader.open(convert(source).blob()).names())
        .containsExactly(LANDMARK, "a", "b");
  }

  @Test
  void convert_hardLinkWithoutTheAttributesOfUsers_keepsThoseOfTheFile() {
    byte[] source =
        new TarBuilder()
            .pax("SCHILY.xattr.user.note", "kept")
            .file("a", "content")
            .hardlink("b", "a")
            .build();
    var reader = EStargzReader.open(convert(source).blob());

    assertThat(reader.entry("a").get("xattrs").has("user.note")).isTrue();
    assertThat(reader.entry("b").get("linkName").asString()).isEqualTo("a");
  }

  @Test
  void convert_manyHeadersInARow_areSplitIntoMembers() {
    var source = new TarBuilder();
    for (int i = 0; i < 5000; i++) {
      source.directory("d" + i + "/");
    }
    var reader = EStargzReader.open(convert(source.file("last", "x").build()).blob());

    assertThat(reader.names()).hasSize(5002);
    assertThat(reader.text("last")).isEqualTo("x");
  }

  @Test
  void convert_severalThreads_giveTheBytesOfOne() {
    var tar = new TarBuilder();
    var random = new Random(7);
    for (int i = 0; i < 400; i++) {
      tar.file("f" + i, noise(random.nextInt(30_000)));
    }
    byte[] source = tar.build();
    byte[] expected = convert(source).blob();
    try (var executor = Executors.newFixedThreadPool(3)) {
      var converter =
          new LayerConverter(GzipEncoders.jdk(), Conversions.LIMITS, executor, 3, CHUNK);
      assertThat(convert(source, converter).blob()).isEqualTo(expected);
    }
    assertThat(EStargzReader.open(expected).names()).hasSize(401);
  }

  @Test
  void convert_libdeflateIfPresent_isReadable() {
    GzipEncoders encoders = GzipEncoders.detect();
    // Whoever reads the log of a build should see which encoder was tested.
    System.out.println("LayerConverterTest ran with " + encoders);
    Result result = convert(everything().build(), encoders);

    assertThat(EStargzReader.open(result.blob()).content("bin/sh"))
        .isEqualTo(noise(3 * CHUNK + 77));
    assertThat(result.layer().diffId()).hasToString(sha256(gunzip(result.blob())));
  }

  @Test
  void convert_minChunkSize_packsSmallFilesIntoMembers() {
    var tar = new TarBuilder();
    for (int i = 0; i < 300; i++) {
      tar.file("f" + i, noise(100 + i));
    }
    byte[] source = tar.file("large", noise(3 * CHUNK + 1)).file("last", "x").build();
    LayerConverter packing = converter().withMinChunkSize(3000);
    Result packed = convert(source, packing);
    var reader = EStargzReader.open(packed.blob());

    assertThat(packing.recipe().id()).isEqualTo(converter().recipe().id() + "-m3000");
    assertThat(reader.members()).hasSizeBetween(40, 110);
    assertThat(packed.blob().length).isLessThan(convert(source).blob().length);
    assertThat(packed.layer().diffId()).hasToString(sha256(gunzip(packed.blob())));
    for (int i = 0; i < 300; i++) {
      assertThat(reader.content("f" + i)).isEqualTo(noise(100 + i));
    }
    assertThat(reader.content("large")).isEqualTo(noise(3 * CHUNK + 1));
    assertThat(reader.entry(LANDMARK).has("innerOffset")).isFalse();
  }

  @Test
  void withMinChunkSize_outOfBounds_isRefused() {
    assertThatThrownBy(() -> converter().withMinChunkSize(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("from 0 to 4194304");
    assertThatThrownBy(() -> converter().withMinChunkSize((4 << 20) + 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void convert_sourceFails_throwsItsException() {
    byte[] blob = gzip(new TarBuilder().file("big", noise(300_000)).build());
    var failure = new IOException("disk on fire");
    var broken =
        new SequenceInputStream(
            new ByteArrayInputStream(blob, 0, blob.length / 2),
            new BrokenInputStream(() -> failure));

    assertThatThrownBy(() -> converter().convert(broken, OutputStream.nullOutputStream()))
        .isSameAs(failure);
  }

  @Test
  void convert_targetFails_throwsItsException() {
    var failure = new IOException("disk full");
    var full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw failure;
          }
        };

    assertThatThrownBy(
            () -> converter().convert(new ByteArrayInputStream(everything().build()), full))
        .isSameAs(failure);
  }

  @Test
  void convert_interrupted_ends() {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() ->
              converter()
                  .convert(
                      new ByteArrayInputStream(
                          new TarBuilder().file("big", noise(3 << 20)).build()),
                      new ByteArrayOutputStream()))
          .isInstanceOf(InterruptedIOException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  private static LayerConverter converter() {
    return new LayerConverter(GzipEncoders.jdk(), Conversions.LIMITS, Runnable::run, 1, CHUNK);
  }
}
