package io.lighter.conversion;

import static io.lighter.conversion.Conversions.convert;
import static io.lighter.conversion.TarBuilder.header;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers that have no faithful eStargz, and what is said about them. */
class RefusedLayerTest {

  private static final byte[] LATIN1 = "caf\u00e9".getBytes(StandardCharsets.ISO_8859_1);

  static Stream<Arguments> refused() {
    return Stream.of(
        refused("is a sparse file", tar().entry(header("s", 'S').size(4), bytes("data"))),
        refused(
            "is a sparse file",
            tar().pax("GNU.sparse.major", "1", "GNU.sparse.minor", "0").file("s", "data")),
        refused("not an earlier file of the same layer", tar().hardlink("a", "below")),
        refused("not an earlier file", tar().hardlink("a", "b").file("b", "later")),
        refused("not an earlier file", tar().file("a", "x").hardlink("a", "a")),
        refused("not an earlier file", tar().directory("d").hardlink("a", "d")),
        refused(
            "not an earlier file",
            tar().file(".prefetch.landmark", "\u000f").hardlink("a", ".prefetch.landmark")),
        refused(
            "other attributes than its target",
            tar().file("a", "x").entry(header("b", '1').link("a").mode(0600))),
        refused(
            "other attributes than its target",
            tar()
                .pax("SCHILY.xattr.security.capability", "1", "SCHILY.xattr.user.a", "1")
                .file("a", "x")
                .hardlink("b", "a")),
        refused(
            "other attributes than its target",
            tar().file("a", "x").pax("SCHILY.xattr.user.a", "1").hardlink("b", "a")),
        refused(
            "a hard link refers to the first",
            tar().file("a", "x").hardlink("b", "a").file("a", "y")),
        refused("a directory in one place", tar().directory("a").file("a", "x")),
        refused("a directory in one place", tar().file("a", "x").directory("a/")),
        refused("a directory in one place", tar().file("a/b", "x").symlink("a", "b")),
        refused("that is not a directory", tar().symlink("a", "b").file("a/b", "x")),
        refused("that is not a directory", tar().file("a", "x").file("a/b/c", "x")),
        refused(
            "the first has extended attributes",
            tar().pax("SCHILY.xattr.user.a", "1").directory("d").directory("d")),
        refused("is a whiteout of a path", tar().file("d/a", "x").file("d/.wh.a", "")),
        refused("a name is not UTF-8", tar().entry(header("", '0').bytes(0, ints(LATIN1)))),
        refused("a link name is not UTF-8", tar().entry(header("a", '2').bytes(157, ints(LATIN1)))),
        refused("a name is not UTF-8", tar().pax('x', Map.of("path", LATIN1)).file("a", "x")),
        refused("a name is not UTF-8", tar().extension("L", 'L', LATIN1).file("a", "x")),
        refused(
            "zero byte in it", tar().pax('x', Map.of("path", new byte[] {'a', 0})).file("a", "")),
        refused("\"..\" in a path", tar().file("../etc/passwd", "x")),
        refused("\"..\" in a path", tar().file("a/..", "x")),
        refused("\"..\" in a path", tar().file("a", "x").hardlink("b", "c/../a")),
        refused("is the root", tar().file(".", "")),
        refused("is the root", tar().symlink("/", "x")),
        refused("a link has no target", tar().symlink("a", "")),
        refused("type 0x56", tar().entry(header("volume", 'V'))),
        refused("type 0x4d", tar().entry(header("continued", 'M'))),
        refused("ends with a slash", tar().file("dir/", "x")),
        refused(
            "a device in a format without devices",
            tar().entry(header("null", '3').device(1, 3).text(257, "Ustar"))),
        refused("path of 4097 characters", tar().gnuLong('L', "x".repeat(4097)).file("x", "")),
        refused("reserves for a file", tar().directory("stargz.index.json")),
        refused("neither landmark nor TOC", tar().file("stargz.index.json", "mine")),
        refused("neither landmark nor TOC", tar().file("./stargz.index.json", "{\"mine\": 1}")),
        refused("neither landmark nor TOC", tar().file(".prefetch.landmark", "")),
        refused("neither landmark nor TOC", tar().file("/.no.prefetch.landmark", "x")),
        refused("is a whiteout of no name", tar().file("d/.wh.", "")),
        refused("is a whiteout of no name", tar().file("d/.wh..", "")),
        refused("is a whiteout of no name", tar().file("d/.wh...", "")),
        refused("is below a whiteout", tar().file(".wh.a/b", "")),
        refused("is below a whiteout", tar().file("d/.wh.a/b/c", "")),
        refused("is below a whiteout", tar().file("d/.wh..wh.plnk/b", "")),
        refused("hard link to a whiteout", tar().file(".wh.a", "").hardlink("b", ".wh.a")),
        refused("an empty long name", tar().gnuLong('L', "").file("a", "x")),
        refused("an empty long link name", tar().gnuLong('K', "").symlink("a", "b")),
        refused("a name of 256 bytes", tar().pax("path", "\u00e9".repeat(128)).file("a", "x")),
        refused(
            "value of 65537", tar().pax("SCHILY.xattr.user.a", "x".repeat(65_537)).file("a", "")),
        refused(
            "name of 256 bytes", tar().pax("SCHILY.xattr." + "x".repeat(256), "").file("a", "")),
        refused("name of 0 bytes", tar().pax("SCHILY.xattr.", "v").file("a", "")),
        refused("global extended header sets \"uid\"", tar().pax('g', Map.of("uid", bytes("7")))),
        refused(
            "stands between an entry's headers",
            tar().pax("uid", "7").pax('g', Map.of("comment", bytes("x"))).file("a", "x")),
        refused("two PAX headers", tar().pax("uid", "7").pax("gid", "7").file("a", "x")),
        refused("two long names", tar().gnuLong('L', "a").gnuLong('L', "b").file("a", "x")),
        refused("two long link names", tar().gnuLong('K', "a").gnuLong('K', "b").file("a", "x")),
        refused("ends within an entry's headers", tar().pax("uid", "7")),
        refused("record's length", tar().extension("x", 'x', bytes("99 uid=1\n")).file("a", "")),
        refused("record's length", tar().extension("x", 'x', bytes("uid=1\n")).file("a", "")),
        refused("record's length", tar().extension("x", 'x', bytes("8 uid=1 ")).file("a", "")),
        refused("not key=value", tar().extension("x", 'x', bytes("6 uid\n")).file("a", "")),
        refused("uid is not a number", tar().pax("uid", "one").file("a", "")),
        refused("mtime is not a time", tar().pax("mtime", "1,5").file("a", "")),
        refused("size -1; allowed are 0", tar().pax("size", "-1").file("a", "")),
        refused(
            "size -2", tar().file("a", new byte[0], h -> h.bytes(124, base256(12, 0xff, 0xfe)))),
        refused(
            "number beyond 64 bits",
            tar().file("a", new byte[0], h -> h.bytes(124, 0x80, 0, 0, 1))),
        refused("owner -1", tar().pax("uid", "-1").file("a", "")),
        refused("group 4294967295", tar().pax("gid", "4294967295").file("a", "")),
        refused("modification time 253402300800", tar().pax("mtime", "253402300800").file("a", "")),
        refused(
            "device major number of tar entry \"a\" is not",
            tar().file("a", new byte[0], h -> h.text(329, "x"))),
        refused("not an octal number", tar().file("a", new byte[0], h -> h.text(100, "9"))),
        Arguments.of(
            "single block of zeros",
            concat(tar().file("a", "x").bytes(), new byte[512], tar().file("b", "x").build())),
        Arguments.of("truncated within a header", Arrays.copyOf(tar().file("a", "x").bytes(), 300)),
        Arguments.of(
            "truncated within an entry's content",
            Arrays.copyOf(tar().file("a", "x").bytes(), 600)),
        Arguments.of(
            "truncated within a header", Arrays.copyOf(tar().pax("uid", "7").bytes(), 600)),
        Arguments.of("checksum", damaged(tar().file("a", "x").build(), 10)),
        Arguments.of("not a tar archive", bytes("BZh9".repeat(512))),
        Arguments.of(
            "compressed layer is damaged",
            crcDamaged(Conversions.gzip(tar().file("a", "x").build()))),
        Arguments.of(
            "compressed layer is damaged",
            damaged(Conversions.gzip(tar().file("a", "x").build()), 3)),
        Arguments.of(
            "compressed layer is damaged", cut(Conversions.gzip(tar().file("a", "x").build()), 12)),
        Arguments.of(
            "compressed layer is damaged",
            cut(Conversions.zstd(tar().file("a", "x").build()), 12)));
  }

  @ParameterizedTest(name = "{0} [{index}]")
  @MethodSource
  void refused(String reason, byte[] layer) {
    assertThatThrownBy(() -> convert(layer))
        .isInstanceOf(UnconvertibleLayerException.class)
        .hasMessageContaining(reason)
        .hasMessageNotContaining("\n");
  }

  private static TarBuilder tar() {
    return new TarBuilder();
  }

  private static Arguments refused(String reason, TarBuilder tar) {
    return Arguments.of(reason, tar.build());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static int[] ints(byte[] bytes) {
    var ints = new int[bytes.length];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = bytes[i];
    }
    return ints;
  }

  private static int[] base256(int length, int fill, int last) {
    var bytes = new int[length];
    Arrays.fill(bytes, fill);
    bytes[length - 1] = last;
    return bytes;
  }

  private static byte[] concat(byte[]... parts) {
    return Conversions.concat(parts);
  }

  private static byte[] damaged(byte[] bytes, int... positions) {
    for (int position : positions) {
      bytes[position] ^= 0x55;
    }
    return bytes;
  }

  private static byte[] crcDamaged(byte[] gzip) {
    return damaged(gzip, gzip.length - 8);
  }

  private static byte[] cut(byte[] bytes, int fromEnd) {
    return Arrays.copyOf(bytes, bytes.length - fromEnd);
  }
}
