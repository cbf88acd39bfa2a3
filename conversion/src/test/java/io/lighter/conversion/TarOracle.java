package io.lighter.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import tools.jackson.databind.JsonNode;

/**
 * A second opinion on what a layer holds: Commons Compress reads the source and the converted tar,
 * {@link EStargzReader} the TOC and the chunks, and the three must agree. Extended attributes
 * without a value are left out, because Commons Compress leaves them out.
 */
final class TarOracle {

  private static final String XATTR = "SCHILY.xattr.";

  /** An entry as Commons Compress sees it. Texts of attributes have passed through UTF-8. */
  record Seen(
      String name,
      String type,
      long mode,
      long uid,
      long gid,
      Instant mtime,
      String link,
      long major,
      long minor,
      Map<String, String> xattrs,
      long size,
      String sha256) {}

  private TarOracle() {}

  /**
   * Fails unless a blob is the faithful conversion of a tar.
   *
   * @param tar uncompressed
   * @throws IOException if Commons Compress cannot read the tar, which says nothing of the blob
   */
  static void check(byte[] tar, byte[] blob, String what) throws IOException {
    List<Seen> source = entries(tar);
    List<Seen> converted = entries(Conversions.gunzip(blob));
    assertThat(converted.subList(1, converted.size() - 1)).as(what).isEqualTo(source);
    var last = new LinkedHashMap<String, Seen>();
    for (Seen entry : source) {
      last.put(path(entry.name()), entry);
    }
    var reader = EStargzReader.open(blob);
    var listed = new TreeMap<String, Seen>();
    for (String name : reader.names().subList(1, reader.names().size())) {
      Seen before = listed.put(path(name), toc(reader, name));
      assertThat(before).as("%s: %s is listed twice", what, name).isNull();
    }
    assertThat(listed.keySet()).as(what).containsExactlyInAnyOrderElementsOf(last.keySet());
    last.forEach((path, entry) -> {
      Seen wanted = rounded(entry);
      assertThat(listed.get(path)).as("%s, %s", what, path).isEqualTo(wanted);
    });
  }

  /** All entries of a tar, in order. */
  static List<Seen> entries(byte[] tar) throws IOException {
    var entries = new ArrayList<Seen>();
    try (var in = new TarArchiveInputStream(new ByteArrayInputStream(tar), "UTF-8")) {
      for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        entries.add(seen(entry, type(entry).equals("reg") ? in.readAllBytes() : new byte[0]));
      }
    }
    return entries;
  }

  static String path(String name) {
    return String.join(
        "/",
        Arrays.stream(name.split("/"))
            .filter(part -> !part.isEmpty() && !part.equals("."))
            .toList());
  }

  private static Seen seen(TarArchiveEntry entry, byte[] content) {
    String type = type(entry);
    boolean device = type.equals("char") || type.equals("block");
    boolean link = type.equals("symlink") || type.equals("hardlink");
    var xattrs = new TreeMap<String, String>();
    entry
        .getExtraPaxHeaders()
        .forEach((key, value) -> {
          if (key.startsWith(XATTR)) {
            xattrs.put(key.substring(XATTR.length()), value);
          }
        });
    return new Seen(
        entry.getName(),
        type,
        entry.getMode(),
        entry.getLongUserId(),
        entry.getLongGroupId(),
        entry.getLastModifiedTime().toInstant(),
        link ? entry.getLinkName() : "",
        device ? entry.getDevMajor() : 0,
        device ? entry.getDevMinor() : 0,
        xattrs,
        content.length,
        type.equals("reg") ? EStargzReader.sha256(content) : "");
  }

  private static String type(TarArchiveEntry entry) {
    return switch (entry.getLinkFlag()) {
      case '1' -> "hardlink";
      case '2' -> "symlink";
      case '3' -> "char";
      case '4' -> "block";
      case '5' -> "dir";
      case '6' -> "fifo";
      default -> entry.isDirectory() ? "dir" : "reg";
    };
  }

  /** The entry as a TOC can have it. */
  private static Seen rounded(Seen entry) {
    Instant half = entry.mtime().plusMillis(500);
    return new Seen(
        path(entry.name()),
        entry.type(),
        entry.mode(),
        entry.uid(),
        entry.gid(),
        Instant.ofEpochSecond(half.getEpochSecond()),
        entry.link(),
        entry.major(),
        entry.minor(),
        entry.xattrs(),
        entry.size(),
        entry.sha256());
  }

  private static Seen toc(EStargzReader reader, String name) {
    JsonNode entry = reader.entry(name);
    String type = entry.get("type").asString();
    var xattrs = new TreeMap<String, String>();
    entry
        .path("xattrs")
        .properties()
        .forEach(xattr -> {
          byte[] value = Base64.getDecoder().decode(xattr.getValue().asString());
          if (value.length > 0) {
            xattrs.put(xattr.getKey(), new String(value, StandardCharsets.UTF_8));
          }
        });
    return new Seen(
        path(name),
        type,
        entry.path("mode").asLong(0),
        entry.path("uid").asLong(0),
        entry.path("gid").asLong(0),
        Instant.parse(entry.get("modtime").asString()),
        entry.path("linkName").asString(""),
        entry.path("devMajor").asLong(0),
        entry.path("devMinor").asLong(0),
        xattrs,
        entry.path("size").asLong(0),
        type.equals("reg") ? EStargzReader.sha256(reader.content(name)) : "");
  }
}
