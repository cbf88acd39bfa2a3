package io.lighter.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads an eStargz blob as a lazy client does, from the specification: footer, TOC, single members.
 * Shares no code with the converter.
 */
final class EStargzReader {

  private final byte[] blob;
  private final int tocOffset;
  private final byte[] tocJson;
  private final List<JsonNode> entries = new ArrayList<>();
  private final Map<String, JsonNode> byName = new LinkedHashMap<>();
  private final Map<String, byte[]> contents = new LinkedHashMap<>();

  private EStargzReader(byte[] blob) throws IOException {
    this.blob = blob;
    byte[] footer = Arrays.copyOfRange(blob, blob.length - 51, blob.length);
    assertThat(new String(footer, 32, 6, StandardCharsets.US_ASCII)).isEqualTo("STARGZ");
    this.tocOffset = Integer.parseInt(new String(footer, 16, 16, StandardCharsets.US_ASCII), 16);
    assertThat(inflateMember(blob.length - 51, 1)).isEmpty();
    try (var tar =
        new TarArchiveInputStream(new ByteArrayInputStream(inflateMember(tocOffset, 1 << 28)))) {
      assertThat(tar.getNextEntry().getName()).isEqualTo("stargz.index.json");
      this.tocJson = tar.readAllBytes();
      assertThat(tar.getNextEntry()).isNull();
    }
    for (JsonNode entry : JsonMapper.shared().readTree(tocJson).get("entries")) {
      entries.add(entry);
      if (!type(entry).equals("chunk")) {
        byName.put(entry.get("name").asString(), entry);
      }
    }
    readContents();
  }

  /** Opens a blob and checks every chunk and file of it against its digest. */
  static EStargzReader open(byte[] blob) {
    try {
      return new EStargzReader(blob);
    } catch (IOException e) {
      throw new AssertionError("not eStargz", e);
    }
  }

  String tocDigest() {
    return sha256(tocJson);
  }

  /** Names in the TOC in order, without chunks. */
  List<String> names() {
    return List.copyOf(byName.keySet());
  }

  /** All entries of the TOC in order. */
  List<JsonNode> entries() {
    return entries;
  }

  JsonNode entry(String name) {
    return present(byName, name);
  }

  /** Content of a file by its name in the TOC, read chunk by chunk. */
  byte[] content(String name) {
    return present(contents, name);
  }

  private static <T> T present(Map<String, T> map, String name) {
    T value = map.get(name);
    if (value == null) {
      throw new AssertionError("no %s among %s".formatted(name, map.keySet()));
    }
    return value;
  }

  String text(String name) {
    return new String(content(name), StandardCharsets.UTF_8);
  }

  /** Positions at which gzip members begin, found by walking through the blob. */
  List<Integer> members() {
    var members = new ArrayList<Integer>();
    for (int position = 0; position < blob.length; position = memberEnd(position)) {
      members.add(position);
    }
    return members;
  }

  private void readContents() {
    List<Integer> members = members();
    for (int i = 0; i < entries.size(); i++) {
      JsonNode entry = entries.get(i);
      if (!type(entry).equals("reg")) {
        continue;
      }
      var whole = new ByteArrayOutputStream();
      long size = entry.path("size").asLong(0);
      for (int j = i; whole.size() < size; j++) {
        JsonNode chunk = entries.get(j);
        assertThat(type(chunk)).isEqualTo(j == i ? "reg" : "chunk");
        assertThat(chunk.get("name")).isEqualTo(entry.get("name"));
        assertThat(chunk.path("chunkOffset").asLong(0)).isEqualTo(whole.size());
        long length = chunk.path("chunkSize").asLong(size - whole.size());
        int offset = chunk.get("offset").asInt();
        assertThat(members).contains(offset);
        int inner = chunk.path("innerOffset").asInt(0);
        byte[] member = inflateMember(offset, inner + (int) length);
        byte[] bytes = Arrays.copyOfRange(member, inner, member.length);
        assertThat(chunk.get("chunkDigest").asString()).isEqualTo(sha256(bytes));
        whole.writeBytes(bytes);
      }
      assertThat(entry.get("digest").asString()).isEqualTo(sha256(whole.toByteArray()));
      contents.put(entry.get("name").asString(), whole.toByteArray());
    }
  }

  private static String type(JsonNode entry) {
    return entry.get("type").asString();
  }

  private byte[] inflateMember(int offset, int limit) {
    var inflater = new Inflater(true);
    var out = new ByteArrayOutputStream();
    try {
      inflate(inflater, offset, out, limit);
    } finally {
      inflater.end();
    }
    return out.toByteArray();
  }

  private int memberEnd(int offset) {
    var inflater = new Inflater(true);
    try {
      inflate(inflater, offset, new ByteArrayOutputStream(), Integer.MAX_VALUE);
      assertThat(inflater.finished()).isTrue();
      return deflateStart(offset) + (int) inflater.getBytesRead() + 8;
    } finally {
      inflater.end();
    }
  }

  private void inflate(Inflater inflater, int offset, ByteArrayOutputStream out, int limit) {
    int start = deflateStart(offset);
    inflater.setInput(blob, start, blob.length - start);
    var buffer = new byte[8192];
    try {
      while (!inflater.finished() && out.size() < limit) {
        int n = inflater.inflate(buffer, 0, Math.min(buffer.length, limit - out.size()));
        assertThat(n > 0 || inflater.finished()).as("member at %d ends early", offset).isTrue();
        out.write(buffer, 0, n);
      }
    } catch (DataFormatException e) {
      throw new AssertionError("no gzip member at " + offset, e);
    }
  }

  private int deflateStart(int offset) {
    assertThat(blob[offset]).isEqualTo((byte) 0x1f);
    assertThat(blob[offset + 1]).isEqualTo((byte) 0x8b);
    assertThat(Arrays.copyOfRange(blob, offset + 4, offset + 8)).containsOnly(0);
    assertThat(blob[offset + 9]).isEqualTo((byte) 0xff);
    boolean extra = blob[offset + 3] == 4;
    return offset + 10 + (extra ? 2 + (blob[offset + 10] & 0xff) : 0);
  }

  static String sha256(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
