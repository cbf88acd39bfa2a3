package io.lighter.conversion;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One 512-byte tar header block: V7, ustar, GNU or star. Numbers are read at once, and one that
 * cannot be read condemns the layer even if nothing depends on it; texts are read when they are
 * asked for, because extended headers replace those that are cut off within a character.
 *
 * <p>The formats are read as Go's {@code archive/tar} reads them, since containerd and Docker
 * unpack layers with it: what it makes of a header is what the layer means.
 */
final class TarHeader {

  static final int BLOCK = 512;

  private static final int CHECKSUM = 148;
  private static final int CHECKSUM_LENGTH = 8;

  private enum Format {
    V7,
    USTAR,
    GNU,
    STAR
  }

  private final byte[] block;
  private final Format format;
  private final long mode;
  private final long uid;
  private final long gid;
  private final long size;
  private final long mtime;
  private final long deviceMajor;
  private final long deviceMinor;

  /**
   * Takes in a block.
   *
   * @throws UnconvertibleLayerException if its checksum or one of its numbers is wrong
   */
  TarHeader(byte[] block) {
    this.block = block;
    this.format = format(block);
    if (!checksumFits()) {
      throw new UnconvertibleLayerException(
          "not a tar archive, or damaged: a header's checksum is wrong");
    }
    this.mode = number(100, 8, "mode");
    this.uid = number(108, 8, "uid");
    this.gid = number(116, 8, "gid");
    this.size = number(124, 12, "size");
    this.mtime = number(136, 12, "mtime");
    boolean v7 = format == Format.V7;
    this.deviceMajor = v7 ? 0 : number(329, 8, "device major number");
    this.deviceMinor = v7 ? 0 : number(337, 8, "device minor number");
  }

  private boolean checksumFits() {
    long unsigned = 0;
    long signed = 0;
    for (int i = 0; i < BLOCK; i++) {
      boolean checksum = i >= CHECKSUM && i < CHECKSUM + CHECKSUM_LENGTH;
      unsigned += checksum ? ' ' : block[i] & 0xff;
      signed += checksum ? ' ' : block[i];
    }
    try {
      long stored = number(CHECKSUM, CHECKSUM_LENGTH, "checksum");
      // Some historic tars summed signed bytes.
      return stored == unsigned || stored == signed;
    } catch (UnconvertibleLayerException e) {
      return false;
    }
  }

  char type() {
    return (char) (block[156] & 0xff);
  }

  /** The name's bytes, with the prefix of the formats that have one. */
  byte[] name() {
    byte[] name = text(0, 100);
    byte[] prefix =
        switch (format) {
          case USTAR -> text(345, 155);
          case STAR -> text(345, 131);
          case GNU -> misplacedPrefix();
          case V7 -> new byte[0];
        };
    if (prefix.length == 0) {
      return name;
    }
    var joined = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
    joined[prefix.length] = '/';
    System.arraycopy(name, 0, joined, prefix.length + 1, name.length);
    return joined;
  }

  byte[] linkName() {
    return text(157, 100);
  }

  long mode() {
    return mode;
  }

  long uid() {
    return uid;
  }

  long gid() {
    return gid;
  }

  long size() {
    return size;
  }

  long mtime() {
    return mtime;
  }

  byte[] userName() {
    return format == Format.V7 ? new byte[0] : text(265, 32);
  }

  byte[] groupName() {
    return format == Format.V7 ? new byte[0] : text(297, 32);
  }

  /** Whether the format has a place for device numbers. */
  boolean hasDeviceNumbers() {
    return format != Format.V7;
  }

  long deviceMajor() {
    return deviceMajor;
  }

  long deviceMinor() {
    return deviceMinor;
  }

  private static Format format(byte[] block) {
    var magic = new String(block, 257, 8, StandardCharsets.ISO_8859_1);
    if (magic.startsWith("ustar\0")) {
      var trailer = new String(block, 508, 4, StandardCharsets.ISO_8859_1);
      return trailer.equals("tar\0") ? Format.STAR : Format.USTAR;
    }
    return magic.equals("ustar  \0") ? Format.GNU : Format.V7;
  }

  /**
   * Docker before 1.13 was built with a Go that wrote GNU headers with a ustar prefix, over the
   * access and change times. Such layers are still around.
   */
  private byte[] misplacedPrefix() {
    boolean times = timeOrAbsent(345) && timeOrAbsent(357);
    byte[] prefix = times ? new byte[0] : text(345, 155);
    for (byte b : prefix) {
      if (b < 0) {
        return new byte[0];
      }
    }
    return prefix;
  }

  private boolean timeOrAbsent(int offset) {
    if (block[offset] == 0) {
      return true;
    }
    try {
      number(offset, 12, "time");
      return true;
    } catch (UnconvertibleLayerException e) {
      return false;
    }
  }

  private byte[] text(int offset, int length) {
    int end = offset;
    while (end < offset + length && block[end] != 0) {
      end++;
    }
    return Arrays.copyOfRange(block, offset, end);
  }

  /** A number in octal, or in base 256 if its first bit is set. */
  private long number(int offset, int length, String what) {
    return (block[offset] & 0x80) != 0 ? binary(offset, length, what) : octal(offset, length, what);
  }

  private long binary(int offset, int length, String what) {
    boolean negative = (block[offset] & 0x40) != 0;
    // The first byte carries seven bits of a two's complement number.
    long value = negative ? -1 : 0;
    for (int i = 0; i < length; i++) {
      int bits = block[offset + i] & 0xff;
      if (i == 0) {
        bits = negative ? bits | 0x80 : bits & 0x7f;
      }
      long shifted = value << 8;
      if (shifted >> 8 != value) {
        throw bad(what, "a number beyond 64 bits");
      }
      value = shifted | bits;
    }
    return value;
  }

  private long octal(int offset, int length, String what) {
    int start = offset;
    int end = offset + length;
    while (start < end && padding(block[start])) {
      start++;
    }
    while (end > start && padding(block[end - 1])) {
      end--;
    }
    long value = 0;
    for (int i = start; i < end && block[i] != 0; i++) {
      int digit = block[i] - '0';
      if (digit < 0 || digit > 7) {
        throw bad(what, "not an octal number");
      }
      value = value << 3 | digit;
    }
    return value;
  }

  private static boolean padding(byte b) {
    return b == ' ' || b == 0;
  }

  private UnconvertibleLayerException bad(String what, String problem) {
    return new UnconvertibleLayerException(
        "the %s of tar entry %s is %s"
            .formatted(
                what,
                UnconvertibleLayerException.quote(new String(text(0, 100), StandardCharsets.UTF_8)),
                problem));
  }
}
