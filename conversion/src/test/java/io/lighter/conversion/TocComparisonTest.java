package io.lighter.conversion;

import static io.lighter.conversion.Conversions.concat;
import static io.lighter.conversion.Conversions.convert;
import static io.lighter.conversion.Conversions.gzip;
import static io.lighter.conversion.Conversions.view;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.conversion.gzip.GzipEncoders;
import io.lighter.oci.Digest;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A table of contents that nobody vouches for is held against the tar, field by field. */
class TocComparisonTest {

  private static final String OTHER = "sha256:" + "ab".repeat(32);

  private static final LayerConverter CONVERTER =
      new LayerConverter(
          GzipEncoders.jdk(), Conversions.LIMITS, Runnable::run, 1, Conversions.CHUNK);

  private static final byte[] LAYER =
      new TarBuilder()
          .directory("d/")
          .file(
              "d/short",
              new byte[] {1, 2},
              header -> header.mode(0600).owner(1, 2).text(265, "app"))
          .file("d/long", "x".repeat(10_000))
          .file("d/empty", "")
          .symlink("s", "d/short")
          .hardlink("h", "d/long")
          .entry(TarBuilder.header("dev", '3').device(5, 6))
          .entry(TarBuilder.header("pipe", '6').mtime(0))
          .pax("SCHILY.xattr.user.x", "value")
          .file("x", "with attributes")
          .build();

  private static EStargz.Uncompressed verify(byte[] blob) throws IOException {
    EStargz content = EStargz.inspect(view(blob), blob.length).orElseThrow();
    return CONVERTER.verify(view(blob), blob.length, content);
  }

  /** A blob with another table. */
  private static byte[] tampered(byte[] blob, Consumer<ArrayNode> change) {
    EStargz content;
    try {
      content = EStargz.inspect(view(blob), blob.length).orElseThrow();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    ObjectNode toc = Toc.JSON.valueToTree(content.toc());
    change.accept((ArrayNode) toc.get("entries"));
    byte[] member = gzip(new TarBuilder().file(TocMember.NAME, toc.toString()).build());
    return withToc(Arrays.copyOf(blob, (int) content.tocOffset()), member);
  }

  private static byte[] withToc(byte[] members, byte[] toc) {
    return concat(members, toc, new Footer(members.length).bytes());
  }

  private static ObjectNode entry(ArrayNode entries, String name) {
    return (ObjectNode)
        entries
            .valueStream()
            .filter(entry -> entry.get("name").asString().equals(name))
            .findFirst()
            .orElseThrow();
  }

  private static void assertRefused(byte[] blob, String why) {
    assertThatThrownBy(() -> verify(blob))
        .isInstanceOf(UnconvertibleLayerException.class)
        .hasMessageContaining(why);
  }

  @Test
  void verify_convertedLayer_givesDiffIdAndSize() throws IOException {
    Conversions.Result made = convert(LAYER);
    EStargz.Uncompressed verified = verify(made.blob());

    assertThat(verified.diffId()).isEqualTo(made.layer().diffId());
    assertThat(verified.size()).isEqualTo(made.layer().uncompressedSize());
  }

  @Test
  void verify_packedAndLaidOutLayers_areRight() throws IOException {
    var packing =
        new LayerConverter(GzipEncoders.jdk(), Conversions.LIMITS, Runnable::run, 1)
            .withMinChunkSize(50_000);
    assertThat(verify(convert(LAYER, packing).blob())).isNotNull();

    byte[] twice = new TarBuilder().file("a", "first").file("b", "x").file("a", "second").build();
    assertThat(verify(convert(twice).blob())).as("the last entry of a path counts").isNotNull();
  }

  @Test
  void verify_whatTheReferenceLeavesOut_isNoDifference() throws IOException {
    byte[] blob =
        tampered(
            convert(LAYER).blob(),
            entries -> {
              entry(entries, "d/short").remove("userName");
              entry(entries, "pipe").remove("modtime");
              entry(entries, "d/").put("NumLink", 2);
              entry(entries, "h").put("modtime", "2023-11-14T23:13:20+01:00");
            });

    assertThat(verify(blob)).isNotNull();
  }

  static Stream<Arguments> lies() {
    return Stream.of(
        lie("type", "s", "has type", e -> e.put("type", "fifo")),
        lie("size", "d/short", "has size", e -> e.put("size", 5)),
        lie("mode", "d/short", "has mode", e -> e.put("mode", 04755)),
        lie("mode of a directory", "d/", "has mode", e -> e.put("mode", 0700)),
        lie("owner", "d/short", "has owner \"0\"", e -> e.put("uid", 0)),
        lie("group", "d/short", "has group", e -> e.put("gid", 3)),
        lie("owner's name", "d/short", "owner's name", e -> e.put("userName", "root")),
        lie("group's name", "d/short", "group's name", e -> e.put("groupName", "root")),
        lie("link", "s", "has link", e -> e.put("linkName", "/etc/shadow")),
        lie("hard link", "h", "has link", e -> e.put("linkName", "d/short")),
        lie("device major", "dev", "device major", e -> e.put("devMajor", 1)),
        lie("device minor", "dev", "device minor", e -> e.put("devMinor", 1)),
        lie("time", "d/long", "has time", e -> e.put("modtime", "2020-01-01T00:00:00Z")),
        lie("no time", "d/long", "has time", e -> e.put("modtime", "yesterday")),
        lie("attributes", "x", "attributes", e -> e.putObject("xattrs").put("user.x", "AAAA")),
        lie("no attributes", "x", "attributes", e -> e.remove("xattrs")),
        lie("new attributes", "d/", "attributes", e -> e.putObject("xattrs").put("a", "AAAA")),
        lie("digest", "d/short", "has digest", e -> e.put("digest", OTHER)),
        lie("no digest", "d/short", "has digest", e -> e.remove("digest")),
        lie("digest of chunks", "d/long", "has digest", e -> e.put("digest", OTHER)),
        lie("digest of nothing", "d/empty", "has digest", e -> e.put("digest", OTHER)),
        lie("chunk's digest", "d/short", "chunk's digest", e -> e.put("chunkDigest", OTHER)),
        lie("offset", "x", "has offset", e -> e.put("offset", e.get("offset").asLong() + 1)),
        lie("inner offset", "d/short", "has offset", e -> e.put("innerOffset", 1)),
        lie("offset of nothing", "d/empty", "out of order", e -> e.put("offset", 9)),
        lie("chunk size", "d/long", "has chunks", e -> e.put("chunkSize", 4095)),
        lie("name", "d/short", "is not in the archive", e -> e.put("name", "d/other")),
        lie("landmark", ".no.prefetch.landmark", "has mode", e -> e.put("mode", 0644)));
  }

  private static Arguments lie(String name, String entry, String why, Consumer<ObjectNode> change) {
    return Arguments.argumentSet(name, entry, why, change);
  }

  @ParameterizedTest
  @MethodSource("lies")
  void verify_fieldThatIsWrong_isRefused(String name, String why, Consumer<ObjectNode> change) {
    byte[] blob = convert(LAYER).blob();

    assertRefused(tampered(blob, entries -> change.accept(entry(entries, name))), why);
  }

  @Test
  void verify_wrongChunk_isRefused() {
    byte[] blob = convert(LAYER).blob();
    int second = 4; // Behind the landmark, d/, d/short and the beginning of d/long.

    assertRefused(
        tampered(blob, e -> ((ObjectNode) e.get(second)).put("chunkDigest", OTHER)),
        "chunk's digest");
    assertRefused(
        tampered(
            blob,
            entries -> {
              long offset = entries.get(second + 1).get("offset").asLong();
              ((ObjectNode) entries.get(second)).put("offset", offset);
            }),
        "has offset");
    assertRefused(
        tampered(blob, e -> ((ObjectNode) e.get(second)).put("chunkOffset", 4097)), "has chunks");
    assertRefused(tampered(blob, entries -> entries.remove(second)), "has chunks");
    assertRefused(
        tampered(blob, entries -> entries.insert(1, entries.remove(second))), "does not follow");
  }

  @Test
  void verify_entriesTooManyOrTooFew_areRefused() {
    byte[] blob = convert(LAYER).blob();

    assertRefused(tampered(blob, e -> e.add(directory("extra/"))), "is not in the archive");
    assertRefused(tampered(blob, e -> e.remove(e.size() - 1)), "is missing");
    assertRefused(tampered(blob, e -> e.add(e.get(e.size() - 1).deepCopy())), "is there twice");
    assertRefused(tampered(blob, e -> e.add(directory(TocMember.NAME))), "not in the archive");
    assertRefused(
        tampered(blob, e -> e.insert(1, e.remove(e.size() - 1))), "has an offset out of order");
  }

  private static ObjectNode directory(String name) {
    return Toc.JSON.createObjectNode().put("name", name).put("type", "dir").put("mode", 0755);
  }

  @Test
  void verify_entriesBehindTheTable_areRefused() throws IOException {
    byte[] blob = convert(LAYER).blob();
    EStargz content = EStargz.inspect(view(blob), blob.length).orElseThrow();
    byte[] json = Toc.JSON.writeValueAsBytes(content.toc());
    byte[] members = Arrays.copyOf(blob, (int) content.tocOffset());
    var hidden = new TarBuilder().file(TocMember.NAME, json).file("hidden", "x").build();

    assertRefused(withToc(members, gzip(hidden)), "on the wrong side");
    var more = gzip(new TarBuilder().file(TocMember.NAME, json).bytes());
    assertRefused(
        withToc(members, concat(more, gzip(new TarBuilder().file("hidden", "x").build()))),
        "on the wrong side");
  }

  @Test
  void verify_tableInFrontOfTheTable_isRefused() throws IOException {
    byte[] front = gzip(new TarBuilder().file(TocMember.NAME, "{\"version\":1}").bytes());
    byte[] toc =
        gzip(new TarBuilder().file(TocMember.NAME, "{\"version\":1,\"entries\":[]}").build());

    assertRefused(withToc(front, toc), "on the wrong side");
    assertThat(verify(withToc(gzip(new byte[0]), toc))).isNotNull();
  }

  @Test
  void verify_landmarkThatIsAUsersFile_isRefused() {
    byte[] content = {'x'};
    String digest = Digest.ofSha256(content).toString();
    byte[] header =
        new TarBuilder().file(".no.prefetch.landmark", new byte[0], h -> h.size(1)).bytes();
    byte[] payload = new byte[TarBuilder.BLOCK];
    payload[0] = 'x';
    byte[] first = gzip(header);
    byte[] members = concat(first, gzip(payload));
    String json =
        "{\"version\":1,\"entries\":[{\"name\":\".no.prefetch.landmark\",\"type\":\"reg\",\"size\":1,\"mode\":420,\"modtime\":\"2023-11-14T22:13:20Z\",\"offset\":%d,\"digest\":\"%s\",\"chunkDigest\":\"%s\"}]}"
            .formatted(first.length, digest, digest);

    assertRefused(
        withToc(members, gzip(new TarBuilder().file(TocMember.NAME, json).build())),
        "is no landmark");
  }

  @Test
  void verify_damagedMember_isRefused() {
    byte[] blob = convert(LAYER).blob();
    blob[blob.length / 4] ^= 1;

    assertRefused(blob, "damaged");
  }

  @Test
  void verify_tarThatNoTableCanTell_isRefused() throws IOException {
    List<byte[]> entries =
        List.of(
            new TarBuilder().file("a", "x").bytes(),
            new TarBuilder().hardlink("b", "none").bytes());
    byte[] members = gzip(concat(entries.get(0), entries.get(1)));
    byte[] toc =
        gzip(new TarBuilder().file(TocMember.NAME, "{\"version\":1,\"entries\":[]}").build());
    Optional<EStargz> content =
        EStargz.inspect(view(withToc(members, toc)), withToc(members, toc).length);

    assertThat(content).isPresent();
    assertRefused(withToc(members, toc), "is a hard link to");
  }
}
