package io.lighter.conversion;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Writes tar archives block by block, also such as no tool would write. */
final class TarBuilder {

  static final int BLOCK = 512;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** A header block to be changed before its checksum is worked out. */
  static final class Header {
    final byte[] block = new byte[BLOCK];

    Header text(int offset, String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      System.arraycopy(bytes, 0, block, offset, bytes.length);
      return this;
    }

    Header bytes(int offset, int... bytes) {
      for (int i = 0; i < bytes.length; i++) {
        block[offset + i] = (byte) bytes[i];
      }
      return this;
    }

    Header octal(int offset, int length, long value) {
      String digits = Long.toOctalString(value);
      return text(offset, "0".repeat(length - 1 - digits.length()) + digits + "\0");
    }

    Header size(long size) {
      return octal(124, 12, size);
    }

    Header mode(long mode) {
      return octal(100, 8, mode);
    }

    Header owner(long uid, long gid) {
      return octal(108, 8, uid).octal(116, 8, gid);
    }

    Header mtime(long seconds) {
      return octal(136, 12, seconds);
    }

    Header type(char type) {
      block[156] = (byte) type;
      return this;
    }

    Header link(String target) {
      return text(157, target);
    }

    Header device(long major, long minor) {
      return octal(329, 8, major).octal(337, 8, minor);
    }

    byte[] sealed() {
      Arrays.fill(block, 148, 156, (byte) ' ');
      int sum = 0;
      for (byte b : block) {
        sum += b & 0xff;
      }
      text(148, "%06o\0 ".formatted(sum));
      return block;
    }
  }

  /** A ustar header with usual values. */
  static Header header(String name, char type) {
    return new Header()
        .text(0, name)
        .type(type)
        .mode(0644)
        .owner(0, 0)
        .size(0)
        .mtime(1_700_000_000)
        .text(257, "ustar\00000");
  }

  TarBuilder raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  TarBuilder entry(Header header, byte[] payload) {
    return raw(header.sealed()).padded(payload);
  }

  TarBuilder entry(Header header) {
    return raw(header.sealed());
  }

  TarBuilder file(String name, byte[] content) {
    return file(name, content, _ -> {});
  }

  TarBuilder file(String name, String content) {
    return file(name, content.getBytes(StandardCharsets.UTF_8));
  }

  TarBuilder file(String name, byte[] content, Consumer<Header> change) {
    Header header = header(name, '0').size(content.length);
    change.accept(header);
    return entry(header, content);
  }

  TarBuilder directory(String name) {
    return entry(header(name, '5').mode(0755));
  }

  TarBuilder symlink(String name, String target) {
    return entry(header(name, '2').mode(0777).link(target));
  }

  TarBuilder hardlink(String name, String target) {
    return entry(header(name, '1').link(target));
  }

  /** A PAX extended header for the next entry. */
  TarBuilder pax(String... keysAndValues) {
    var records = new LinkedHashMap<String, byte[]>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      records.put(keysAndValues[i], keysAndValues[i + 1].getBytes(StandardCharsets.UTF_8));
    }
    return pax('x', records);
  }

  TarBuilder pax(char type, Map<String, byte[]> records) {
    var payload = new ByteArrayOutputStream();
    records.forEach((key, value) -> payload.writeBytes(record(key, value)));
    return extension("pax", type, payload.toByteArray());
  }

  /** A header whose payload says something about the next entry. */
  TarBuilder extension(String name, char type, byte[] payload) {
    return entry(header(name, type).size(payload.length), payload);
  }

  TarBuilder gnuLong(char type, String name) {
    return extension("././@LongLink", type, (name + "\0").getBytes(StandardCharsets.UTF_8));
  }

  static byte[] record(String key, byte[] value) {
    byte[] name = key.getBytes(StandardCharsets.UTF_8);
    int rest = name.length + value.length + 3;
    int length = rest + 1;
    while (String.valueOf(length).length() + rest != length) {
      length = String.valueOf(length).length() + rest;
    }
    var record = new ByteArrayOutputStream();
    record.writeBytes((length + " ").getBytes(StandardCharsets.US_ASCII));
    record.writeBytes(name);
    record.write('=');
    record.writeBytes(value);
    record.write('\n');
    return record.toByteArray();
  }

  /** What was written so far, without an end. */
  byte[] bytes() {
    return out.toByteArray();
  }

  /** The archive with the blocks of zeros that end it. */
  byte[] build() {
    return new TarBuilder().raw(bytes()).raw(new byte[2 * BLOCK]).bytes();
  }

  private TarBuilder padded(byte[] payload) {
    return raw(payload).raw(new byte[-payload.length & (BLOCK - 1)]);
  }
}
