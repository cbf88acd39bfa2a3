package io.lighter.conversion.startset;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Makes ELF files of 64 bits that say how they are loaded and hold nothing else. */
public final class ElfBuilder {

  public static final String GLIBC = "/lib64/ld-linux-x86-64.so.2";
  public static final String MUSL = "/lib/ld-musl-x86_64.so.1";

  private static final int HEADER = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final int AT = 0x1000;

  private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
  private final List<long[]> tags = new ArrayList<>();
  private String interpreter = "";
  private int machine = 62;
  private byte[] data = new byte[0];

  private ElfBuilder() {
    strings.write(0);
  }

  /** A program that a dynamic linker loads. */
  public static ElfBuilder program(String interpreter) {
    var builder = new ElfBuilder();
    builder.interpreter = interpreter;
    return builder;
  }

  /** A shared object. */
  public static ElfBuilder library() {
    return new ElfBuilder();
  }

  public ElfBuilder needs(String... names) {
    for (String name : names) {
      tags.add(new long[] {1, string(name)});
    }
    return this;
  }

  public ElfBuilder rpath(String path) {
    tags.add(new long[] {15, string(path)});
    return this;
  }

  public ElfBuilder runpath(String path) {
    tags.add(new long[] {29, string(path)});
    return this;
  }

  /** For another architecture, as in {@code e_machine}. */
  public ElfBuilder machine(int other) {
    machine = other;
    return this;
  }

  /** Strings in its data, each ended by a zero byte. */
  public ElfBuilder data(String... texts) {
    data = ("\0" + String.join("\0", texts) + "\0").getBytes(StandardCharsets.ISO_8859_1);
    return this;
  }

  private int string(String text) {
    int offset = strings.size();
    strings.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    strings.write(0);
    return offset;
  }

  public byte[] build() {
    byte[] table = strings.toByteArray();
    int segments = interpreter.isEmpty() ? 2 : 3;
    int interpreterAt = HEADER + segments * PROGRAM_HEADER;
    int tableAt = interpreterAt + interpreter.length() + 1;
    int dynamicAt = tableAt + table.length;
    int dynamicLength = (tags.size() + 2) * 16;
    int length = dynamicAt + dynamicLength + data.length;
    var elf = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
    elf.putShort(18, (short) machine);
    elf.putLong(32, HEADER);
    elf.putShort(54, (short) PROGRAM_HEADER).putShort(56, (short) segments);
    segment(elf, 0, 1, 0, length);
    segment(elf, 1, 2, dynamicAt, dynamicLength);
    if (segments == 3) {
      segment(elf, 2, 3, interpreterAt, interpreter.length() + 1);
    }
    elf.put(interpreterAt, interpreter.getBytes(StandardCharsets.ISO_8859_1));
    elf.put(tableAt, table);
    int at = dynamicAt;
    elf.putLong(at, 5).putLong(at + 8, AT + tableAt);
    for (long[] tag : tags) {
      at += 16;
      elf.putLong(at, tag[0]).putLong(at + 8, tag[1]);
    }
    elf.put(dynamicAt + dynamicLength, data);
    return elf.array();
  }

  private static void segment(ByteBuffer elf, int number, int type, long offset, long length) {
    int at = HEADER + number * PROGRAM_HEADER;
    elf.putInt(at, type).putLong(at + 8, offset).putLong(at + 16, AT + offset);
    elf.putLong(at + 32, length).putLong(at + 40, length);
  }

  /** A cache of the dynamic linker with names and paths in turn. */
  public static byte[] cache(String... namesAndPaths) {
    int entries = namesAndPaths.length / 2;
    int stringsAt = 48 + 24 * entries;
    var strings = new ByteArrayOutputStream();
    var cache = ByteBuffer.allocate(stringsAt).order(ByteOrder.LITTLE_ENDIAN);
    cache.put("glibc-ld.so.cache1.1".getBytes(StandardCharsets.US_ASCII)).putInt(entries);
    for (int i = 0; i < entries; i++) {
      for (int j = 0; j < 2; j++) {
        cache.putInt(48 + 24 * i + 4 + 4 * j, stringsAt + strings.size());
        strings.writeBytes(namesAndPaths[2 * i + j].getBytes(StandardCharsets.US_ASCII));
        strings.write(0);
      }
      cache.putInt(48 + 24 * i, 0x0303);
    }
    var all = new ByteArrayOutputStream();
    all.writeBytes(cache.array());
    all.writeBytes(strings.toByteArray());
    return all.toByteArray();
  }
}
