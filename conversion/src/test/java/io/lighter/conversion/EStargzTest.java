package io.lighter.conversion;

import static io.lighter.conversion.Conversions.concat;
import static io.lighter.conversion.Conversions.convert;
import static io.lighter.conversion.Conversions.gzip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EStargzTest {

  private static final String CHUNK =
      "\"digest\":\"sha256:%1$s\",\"chunkDigest\":\"sha256:%1$s\"".formatted("ab".repeat(32));

  private static final byte[] LAYER =
      new TarBuilder().directory("d/").file("d/f", "x".repeat(10_000)).hardlink("l", "d/f").build();

  /** A view that gives a few bytes at a time. */
  private static BlobView view(byte[] blob) {
    return (position, target) -> {
      if (position >= blob.length) {
        return -1;
      }
      int n = (int) Math.min(Math.min(target.remaining(), 1000), blob.length - position);
      target.put(blob, (int) position, n);
      return n;
    };
  }

  private static byte[] withToc(String json) {
    byte[] toc = gzip(new TarBuilder().file("stargz.index.json", json).build());
    byte[] content = gzip(new TarBuilder().file("a", "x").bytes());
    return concat(content, toc, new Footer(content.length).bytes());
  }

  private static boolean recognised(byte[] blob) throws IOException {
    return EStargz.inspect(view(blob), blob.length).isPresent();
  }

  @Test
  void inspect_convertedLayer_tellsItsTocDigest() throws IOException {
    Conversions.Result result = convert(LAYER);
    EStargz found = EStargz.inspect(view(result.blob()), result.blob().length).orElseThrow();

    assertThat(found.tocDigest()).isEqualTo(result.layer().tocDigest());
    assertThat(found.toc().entries())
        .extracting(TocEntry::name)
        .containsExactly(".no.prefetch.landmark", "d/", "d/f", "d/f", "d/f", "l");
    assertThat(found.toc().entries().get(4).chunkOffset()).isEqualTo(2 * Conversions.CHUNK);
  }

  @Test
  void measure_convertedLayer_givesDiffIdAndSize() throws IOException {
    Conversions.Result result = convert(LAYER);
    var measured = EStargz.measure(new ByteArrayInputStream(result.blob()), Conversions.LIMITS);

    assertThat(measured.diffId()).isEqualTo(result.layer().diffId());
    assertThat(measured.size()).isEqualTo(result.layer().uncompressedSize());
  }

  @Test
  void inspect_tocOfAnotherWriter_isRead() throws IOException {
    byte[] blob =
        withToc(
            """
            {
            \t"version": 1,
            \t"entries": [
            \t\t{"name": "a", "type": "reg", "size": 1, "offset": 9, "NumLink": 3, %s,
            \t\t "xattrs": {"user.x": "AQI="}, "modtime": null}
            \t]
            }\
            """
                .formatted(CHUNK));
    TocEntry entry = EStargz.inspect(view(blob), blob.length).orElseThrow().toc().entries().get(0);

    assertThat(entry.xattrs().get("user.x")).containsExactly(1, 2);
    assertThat(entry.modtime()).isEmpty();
    assertThat(entry.linkName()).isEmpty();
    assertThat(entry.uid()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{\"version\":2,\"entries\":[]}",
        "{\"version\":1,\"entries\":[]} ",
        "{\"version\":1,\"entries\":[]}\n",
        "{\"version\":1,\"entries\":[{\"name\":\"a\",\"type\":\"reg\",\"size\":1,\"offset\":9}]}",
        "{\"version\":1,\"entries\":[{\"name\":\"a\",\"type\":\"hardlink\",\"linkName\":\"b\"}]}",
        "{\"version\":1,\"entries\":[{\"name\":\"a\",\"type\":\"reg\",\"digest\":\"md5:1\"}]}",
        "{\"version\":1,\"entries\":[{\"name\":\"../a\",\"type\":\"dir\"}]}",
      })
  void inspect_tocThatClientsRefuse_isNone(String json) throws IOException {
    assertThat(recognised(withToc(json))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1_000_000})
  void inspect_chunkOutsideTheBlob_isNone(long offset) throws IOException {
    String json =
        "{\"version\":1,\"entries\":[{\"name\":\"a\",\"type\":\"reg\",\"size\":1,\"offset\":%d,%s}]}";

    assertThat(recognised(withToc(json.formatted(9, CHUNK)))).isTrue();
    assertThat(recognised(withToc(json.formatted(offset, CHUNK)))).isFalse();
  }

  @Test
  void inspect_otherBlobs_areNone() throws IOException {
    assertThat(recognised(new byte[0])).isFalse();
    assertThat(recognised(LAYER)).isFalse();
    assertThat(recognised(gzip(LAYER))).isFalse();
    assertThat(recognised(concat(gzip(LAYER), new Footer(Long.MAX_VALUE).bytes()))).isFalse();
    assertThat(recognised(concat(gzip(LAYER), new Footer(0).bytes()))).isFalse();
    byte[] damaged = convert(LAYER).blob();
    Arrays.fill(damaged, damaged.length - 80, damaged.length - 51, (byte) 7);
    assertThat(recognised(damaged)).isFalse();
  }

  @Test
  void inspect_otherNameOfTocEntry_isNone() throws IOException {
    byte[] toc =
        gzip(new TarBuilder().file("index.json", "{\"version\":1,\"entries\":[]}").build());

    assertThat(recognised(concat(toc, new Footer(0).bytes()))).isFalse();
  }

  @Test
  void inspect_viewFails_throws() {
    BlobView broken =
        (_, _) -> {
          throw new IOException("gone");
        };

    assertThatThrownBy(() -> EStargz.inspect(broken, 1000)).hasMessage("gone");
    assertThatThrownBy(() -> EStargz.inspect((_, _) -> -1, 1000)).isInstanceOf(EOFException.class);
  }

  @Test
  void read_severalPieces_givesAllBytes() throws IOException {
    byte[] bytes = "0123456789".repeat(500).getBytes(StandardCharsets.US_ASCII);

    assertThat(view(bytes).read(3, 4000)).isEqualTo(Arrays.copyOfRange(bytes, 3, 4003));
    assertThat(view(bytes).read(0, ByteBuffer.allocate(1))).isEqualTo(1);
  }
}
