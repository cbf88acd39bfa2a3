package io.lighter.conversion;

import static io.lighter.conversion.Conversions.convert;
import static io.lighter.conversion.TarBuilder.header;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What the formats of tar say, and what becomes of it in the TOC. */
class TarFormatsTest {

  private static final String LONG = "directory/".repeat(30) + "name-\u00e9\u00df\u4e2d";

  private static JsonNode only(TarBuilder tar) {
    var reader = EStargzReader.open(convert(tar.build()).blob());
    List<String> names = reader.names();
    assertThat(names).hasSize(2);
    return reader.entry(names.get(1));
  }

  @Test
  void paxPath_replacesName() {
    assertThat(only(new TarBuilder().pax("path", LONG).file("short", "x")).get("name").asString())
        .isEqualTo(LONG);
  }

  @Test
  void paxLinkpath_replacesLinkName() {
    var entry = only(new TarBuilder().pax("linkpath", LONG).symlink("link", "short"));

    assertThat(entry.get("linkName").asString()).isEqualTo(LONG);
  }

  @Test
  void gnuLongNames_replaceNames() {
    var entry =
        only(new TarBuilder().gnuLong('K', LONG).gnuLong('L', LONG + "2").symlink("l", "s"));

    assertThat(entry.get("name").asString()).isEqualTo(LONG + "2");
    assertThat(entry.get("linkName").asString()).isEqualTo(LONG);
  }

  @Test
  void gnuLongName_winsOverPaxPath() {
    var entry = only(new TarBuilder().pax("path", "pax").gnuLong('L', "gnu").file("field", "x"));

    assertThat(entry.get("name").asString()).isEqualTo("gnu");
  }

  @Test
  void unreadableNameField_doesNotMatterBehindPaxPath() {
    var entry =
        only(
            new TarBuilder()
                .pax("path", "caf\u00e9")
                .file("x", new byte[0], h -> h.bytes(0, 'c', 0xe9)));

    assertThat(entry.get("name").asString()).isEqualTo("caf\u00e9");
  }

  @Test
  void paxNumbers_replaceFields() {
    var entry =
        only(
            new TarBuilder()
                .pax("uid", "2097152", "gid", "4000000000", "size", "3", "uname", "\u00e9lo")
                .entry(header("x", '0'), "abc".getBytes(StandardCharsets.UTF_8)));

    assertThat(entry.get("uid").asLong()).isEqualTo(2097152);
    assertThat(entry.get("gid").asLong()).isEqualTo(4000000000L);
    assertThat(entry.get("size").asLong()).isEqualTo(3);
    assertThat(entry.get("userName").asString()).isEqualTo("\u00e9lo");
  }

  @Test
  void emptyPaxRecord_keepsField() {
    var entry = only(new TarBuilder().pax("uid", "", "path", "").file("kept", new byte[0]));

    assertThat(entry.get("name").asString()).isEqualTo("kept");
    assertThat(entry.has("uid")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "1600000000.4999999999, 2020-09-13T12:26:40Z",
    "1600000000.5,          2020-09-13T12:26:41Z",
    "1600000000.,           2020-09-13T12:26:40Z",
    "0.7,                   1970-01-01T00:00:01Z",
    "-1.5,                  1969-12-31T23:59:59Z",
    "-1.6,                  1969-12-31T23:59:58Z",
    "253402300799,          9999-12-31T23:59:59Z",
    "-62135596800,          0001-01-01T00:00:00Z",
  })
  void paxMtime_isRoundedToSeconds(String mtime, String expected) {
    assertThat(only(new TarBuilder().pax("mtime", mtime).file("x", "")).get("modtime").asString())
        .isEqualTo(expected);
  }

  @Test
  void base256Numbers_areRead() {
    var entry =
        only(
            new TarBuilder()
                .entry(
                    header("x", '0')
                        .bytes(108, 0x80, 0, 0, 0, 0x12, 0x34, 0x56, 0x78)
                        .bytes(136, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
                        .bytes(144, 0xff, 0xff, 0xff, 0xff)));

    assertThat(entry.get("uid").asLong()).isEqualTo(0x12345678);
    assertThat(entry.get("modtime").asString()).isEqualTo("1969-12-31T23:59:59Z");
  }

  @Test
  void ustarPrefix_isPartOfTheName() {
    var entry = only(new TarBuilder().entry(header("name", '0').text(345, "some/prefix")));

    assertThat(entry.get("name").asString()).isEqualTo("some/prefix/name");
  }

  @Test
  void starPrefix_isShorter() {
    var entry =
        only(
            new TarBuilder()
                .entry(
                    header("name", '0')
                        .text(345, "prefix")
                        .text(476, "00000000001 00000000001 ")
                        .text(508, "tar\0")));

    assertThat(entry.get("name").asString()).isEqualTo("prefix/name");
  }

  @Test
  void gnuTimes_areNoPrefix() {
    var entry =
        only(
            new TarBuilder()
                .entry(
                    header("name", '0')
                        .text(257, "ustar  \0")
                        .octal(345, 12, 1)
                        .octal(357, 12, 2)));

    assertThat(entry.get("name").asString()).isEqualTo("name");
  }

  @Test
  void gnuHeaderWithPrefixOfOldDocker_hasThatPrefix() {
    var entry =
        only(
            new TarBuilder()
                .entry(header("name", '0').text(257, "ustar  \0").text(345, "usr/share/doc")));

    assertThat(entry.get("name").asString()).isEqualTo("usr/share/doc/name");
  }

  @Test
  void v7Header_hasNeitherNamesNorDevices() {
    var v7 = header("old", '\0').text(265, "user").text(345, "prefix");
    v7.bytes(257, 0, 0, 0, 0, 0, 0, 0, 0);
    var entry = only(new TarBuilder().entry(v7));

    assertThat(entry.get("name").asString()).isEqualTo("old");
    assertThat(entry.get("type").asString()).isEqualTo("reg");
    assertThat(entry.has("userName")).isFalse();
  }

  @Test
  void v7HeaderWithSlash_isDirectory() {
    assertThat(only(new TarBuilder().entry(header("old/", '\0'))).get("type").asString())
        .isEqualTo("dir");
  }

  @Test
  void contiguousFile_isFile() {
    assertThat(only(new TarBuilder().entry(header("x", '7'))).get("type").asString())
        .isEqualTo("reg");
  }

  @Test
  void signedChecksum_isAccepted() {
    byte[] block = header("x\u00e9", '0').sealed();
    int sum = 0;
    for (int i = 0; i < block.length; i++) {
      sum += i >= 148 && i < 156 ? ' ' : block[i];
    }
    System.arraycopy(
        "%06o\0 ".formatted(sum).getBytes(StandardCharsets.US_ASCII), 0, block, 148, 8);

    assertThat(only(new TarBuilder().raw(block)).get("name").asString()).isEqualTo("x\u00e9");
  }

  @Test
  void sizeOfDirectoryOrLink_isNoPayload() {
    var tar =
        new TarBuilder()
            .file("a", "x")
            .entry(header("d", '5').size(4096))
            .entry(header("b", '1').link("a").size(1))
            .file("c", "y");

    assertThat(EStargzReader.open(convert(tar.build()).blob()).text("c")).isEqualTo("y");
  }

  @Test
  void globalComment_isKeptButNoEntry() {
    var tar = new TarBuilder().pax('g', Map.of("comment", new byte[] {'c'})).file("a", "x");
    byte[] blob = convert(tar.build()).blob();

    assertThat(EStargzReader.open(blob).names()).hasSize(2);
    assertThat(new String(Conversions.gunzip(blob), StandardCharsets.ISO_8859_1))
        .contains("comment=c");
  }

  @Test
  void unreadableUserName_isLeftOut() {
    var entry = only(new TarBuilder().entry(header("x", '0').bytes(265, 0xe9)));

    assertThat(entry.has("userName")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "3, 1", "3, 2", "2, 1", "2, 2",
  })
  void commonsCompressArchives_areUnderstood(int longFileMode, int bigNumberMode)
      throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
      tar.setLongFileMode(longFileMode);
      tar.setBigNumberMode(bigNumberMode);
      tar.setAddPaxHeadersForNonAsciiNames(longFileMode == TarArchiveOutputStream.LONGFILE_POSIX);
      var file = new TarArchiveEntry(LONG);
      file.setSize(3);
      file.setUserId(5_000_000L);
      file.setModTime(1_600_000_000_250L);
      tar.putArchiveEntry(file);
      tar.write(new byte[] {1, 2, 3});
      tar.closeArchiveEntry();
      var link = new TarArchiveEntry("link", TarConstants.LF_SYMLINK);
      link.setLinkName(LONG);
      tar.putArchiveEntry(link);
      tar.closeArchiveEntry();
    }
    var reader = EStargzReader.open(convert(bytes.toByteArray()).blob());

    assertThat(reader.content(LONG)).containsExactly(1, 2, 3);
    assertThat(reader.entry(LONG).get("uid").asLong()).isEqualTo(5_000_000);
    assertThat(reader.entry(LONG).get("modtime").asString()).isEqualTo("2020-09-13T12:26:40Z");
    assertThat(reader.entry("link").get("linkName").asString()).isEqualTo(LONG);
  }
}
