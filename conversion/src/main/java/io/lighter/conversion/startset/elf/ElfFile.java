package io.lighter.conversion.startset.elf;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Start;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an ELF file says about its loading (System V ABI, "Program Loading and Dynamic Linking").
 *
 * @param machine its architecture, as in {@code e_machine}
 * @param wide whether it is of 64 bits
 * @param interpreter the dynamic linker that it names; empty for shared objects and static programs
 * @param dynamic whether it has a dynamic section
 * @param needed names of the shared objects that it needs
 * @param rpath directories of DT_RPATH, not expanded
 * @param runpath directories of DT_RUNPATH, not expanded
 */
public record ElfFile(
    int machine,
    boolean wide,
    Optional<String> interpreter,
    boolean dynamic,
    List<String> needed,
    List<String> rpath,
    List<String> runpath) {

  static final int X86_64 = 62;
  static final int AARCH64 = 183;

  /**
   * Most files are not longer, and read whole. Longer ones have their strings in front as a rule.
   */
  private static final int FRONT = 4 << 20;

  private static final int MAX_PROGRAM_HEADERS = 512;
  private static final int MAX_DYNAMIC = 64 << 10;
  private static final int MAX_NEEDED = 2_000;
  private static final int MAX_TEXT = 4096;

  private static final int PT_LOAD = 1;
  private static final int PT_DYNAMIC = 2;
  private static final int PT_INTERP = 3;
  private static final int DT_NEEDED = 1;
  private static final int DT_STRTAB = 5;
  private static final int DT_RPATH = 15;
  private static final int DT_RUNPATH = 29;

  /** Whether it is a program that runs without any dynamic linker. */
  public boolean isStatic() {
    return interpreter.isEmpty() && needed.isEmpty();
  }

  /**
   * Reads what a file says.
   *
   * @return empty if it is no ELF file, or none that could be loaded
   */
  public static Optional<ElfFile> read(ImageFile file, Start start) {
    byte[] magic = start.content(file, 0, 4);
    boolean elf =
        magic.length == 4
            && magic[0] == 0x7f
            && magic[1] == 'E'
            && magic[2] == 'L'
            && magic[3] == 'F';
    if (!elf) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Reader(file, start).read());
    } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
      start.unresolved(file.path(), "its ELF headers make no sense");
      return Optional.empty();
    }
  }

  /** A part of the file and where it is loaded. */
  private record Segment(int type, long offset, long address, long length) {}

  /** Where tables are wherever the file says; every bound is checked by the buffers. */
  private static final class Reader {
    private final ImageFile file;
    private final Start start;
    private final byte[] front;
    private final boolean wide;
    private final ByteOrder order;

    Reader(ImageFile file, Start start) {
      this.file = file;
      this.start = start;
      this.front = start.content(file, 0, (int) Math.min(file.size(), FRONT));
      this.wide = front[4] == 2;
      this.order = front[5] == 2 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }

    /** At most this many bytes of the file, from the front if they are there. */
    private ByteBuffer at(long offset, long length) {
      if (offset < 0 || length < 0) {
        throw new IllegalArgumentException("negative");
      }
      int wanted = (int) Math.min(length, Math.max(0, file.size() - offset));
      if (offset + wanted <= front.length) {
        return ByteBuffer.wrap(front, (int) offset, wanted).slice().order(order);
      }
      return ByteBuffer.wrap(start.content(file, offset, wanted)).order(order);
    }

    private long word(ByteBuffer buffer, int narrowAt, int wideAt) {
      return wide ? buffer.getLong(wideAt) : buffer.getInt(narrowAt) & 0xffff_ffffL;
    }

    ElfFile read() {
      ByteBuffer header = at(0, 64);
      int machine = header.getShort(18) & 0xffff;
      long tableAt = word(header, 28, 32);
      int entry = header.getShort(wide ? 54 : 42) & 0xffff;
      int count = Math.min(header.getShort(wide ? 56 : 44) & 0xffff, MAX_PROGRAM_HEADERS);
      var segments = new ArrayList<Segment>();
      ByteBuffer table = at(tableAt, (long) entry * count);
      for (int i = 0; i < count; i++) {
        ByteBuffer at = table.slice(i * entry, entry).order(order);
        segments.add(new Segment(at.getInt(0), word(at, 4, 8), word(at, 8, 16), word(at, 16, 32)));
      }
      Optional<String> interpreter =
          segments.stream()
              .filter(segment -> segment.type == PT_INTERP)
              .findFirst()
              .map(segment -> text(at(segment.offset, Math.min(segment.length, MAX_TEXT)), 0));
      Optional<Segment> dynamic =
          segments.stream().filter(segment -> segment.type == PT_DYNAMIC).findFirst();
      var needed = new ArrayList<Long>();
      var paths = new long[] {-1, -1};
      long strings = 0;
      if (dynamic.isPresent()) {
        ByteBuffer tags = at(dynamic.get().offset, Math.min(dynamic.get().length, MAX_DYNAMIC));
        int width = wide ? 8 : 4;
        for (int i = 0; i + 2 * width <= tags.limit(); i += 2 * width) {
          long tag = word(tags, i, i);
          long value = word(tags, i + width, i + width);
          if (tag == 0) {
            break;
          } else if (tag == DT_NEEDED && needed.size() < MAX_NEEDED) {
            needed.add(value);
          } else if (tag == DT_STRTAB) {
            strings = fileOffset(segments, value);
          } else if (tag == DT_RPATH) {
            paths[0] = value;
          } else if (tag == DT_RUNPATH) {
            paths[1] = value;
          }
        }
      }
      long table0 = strings;
      return new ElfFile(
          machine,
          wide,
          interpreter,
          dynamic.isPresent(),
          needed.stream().map(offset -> string(table0, offset)).toList(),
          directories(table0, paths[0]),
          directories(table0, paths[1]));
    }

    private static long fileOffset(List<Segment> segments, long address) {
      for (Segment segment : segments) {
        long into = address - segment.address;
        if (segment.type == PT_LOAD && into >= 0 && into < segment.length) {
          return segment.offset + into;
        }
      }
      throw new IllegalArgumentException("no segment holds the strings");
    }

    private List<String> directories(long table, long offset) {
      return offset < 0
          ? List.of()
          : List.of(string(table, offset).split(":")).stream()
              .filter(directory -> !directory.isEmpty())
              .toList();
    }

    private String string(long table, long offset) {
      return text(at(table + offset, MAX_TEXT), 0);
    }

    private static String text(ByteBuffer bytes, int from) {
      int end = from;
      while (end < bytes.limit() && bytes.get(end) != 0) {
        end++;
      }
      var text = new byte[end - from];
      bytes.get(from, text);
      return new String(text, StandardCharsets.ISO_8859_1);
    }
  }
}
