package io.lighter.conversion;

import io.lighter.conversion.TarEntry.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a layer into entries whose header bytes survive as they are. Between two calls of {@link
 * #next} the caller reads or skips the payload of the entry and its padding.
 *
 * <p>A header is either understood completely or the layer is refused. Not thread-safe.
 */
final class TarSplitter {

  private static final long FIRST_SECOND = Instant.parse("0000-01-01T00:00:00Z").getEpochSecond();
  private static final long LAST_SECOND = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();
  private static final long MAX_ID = 0xffff_fffeL;

  private final PlainBytes source;
  private final int maxHeaderBytes;
  private final byte[] scratch = new byte[64 << 10];

  TarSplitter(PlainBytes source, ConversionLimits limits) {
    this.source = source;
    this.maxHeaderBytes = limits.maxHeaderBytes();
  }

  /** What extended headers said about the entry that follows them. */
  private static final class Extensions {
    private final ByteArrayOutputStream raw = new ByteArrayOutputStream();
    private @Nullable PaxRecords pax;
    private byte @Nullable [] longName;
    private byte @Nullable [] longLink;

    boolean pending() {
      return pax != null || longName != null || longLink != null;
    }
  }

  /**
   * Reads the next header.
   *
   * @return empty at the end of the archive; the rest of the layer, if any, means nothing
   * @throws IOException if the layer cannot be read
   * @throws UnconvertibleLayerException if the header is damaged or of an unknown kind
   * @throws LayerTooLargeException if extended headers are longer than allowed
   */
  Optional<TarEntry> next() throws IOException {
    var extensions = new Extensions();
    while (true) {
      var block = new byte[TarHeader.BLOCK];
      if (atEnd(block)) {
        if (extensions.pending()) {
          throw new UnconvertibleLayerException("the archive ends within an entry's headers");
        }
        return Optional.empty();
      }
      var header = new TarHeader(block);
      extensions.raw.writeBytes(block);
      switch (header.type()) {
        case 'x' -> {
          refuseSecond(extensions.pax, "PAX headers");
          extensions.pax = PaxRecords.parse(extension(header, extensions));
        }
        case 'g' -> {
          if (extensions.pending()) {
            throw new UnconvertibleLayerException(
                "a global extended header stands between an entry's headers");
          }
          PaxRecords.parse(extension(header, extensions)).checkGlobal();
        }
        case 'L' -> {
          refuseSecond(extensions.longName, "long names");
          extensions.longName = extension(header, extensions);
        }
        case 'K' -> {
          refuseSecond(extensions.longLink, "long link names");
          extensions.longLink = extension(header, extensions);
        }
        default -> {
          return Optional.of(entry(header, extensions));
        }
      }
    }
  }

  /** Reads exactly this many bytes of payload or padding. */
  void read(byte[] target, int offset, int length) throws IOException {
    if (source.read(target, offset, length) < length) {
      throw new UnconvertibleLayerException("the layer is truncated within an entry's content");
    }
  }

  /** Skips this many bytes of payload or padding. */
  void skip(long length) throws IOException {
    for (long left = length; left > 0; ) {
      int n = (int) Math.min(left, scratch.length);
      read(scratch, 0, n);
      left -= n;
    }
  }

  /** Two blocks of zeros end an archive; so does the end of the layer in place of a header. */
  private boolean atEnd(byte[] block) throws IOException {
    if (!readBlock(block)) {
      return true;
    }
    if (!zero(block)) {
      return false;
    }
    var second = new byte[TarHeader.BLOCK];
    if (readBlock(second) && !zero(second)) {
      throw new UnconvertibleLayerException(
          "a single block of zeros stands between the entries of the archive");
    }
    return true;
  }

  private boolean readBlock(byte[] block) throws IOException {
    int n = source.read(block, 0, block.length);
    if (n > 0 && n < block.length) {
      throw new UnconvertibleLayerException("the layer is truncated within a header");
    }
    return n > 0;
  }

  private static boolean zero(byte[] block) {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private byte[] extension(TarHeader header, Extensions extensions) throws IOException {
    long size = header.size();
    if (size < 0 || size > maxHeaderBytes - extensions.raw.size()) {
      throw new LayerTooLargeException(
          "an entry's extended headers need %d bytes more than the %d read; allowed are %d"
              .formatted(size, extensions.raw.size(), maxHeaderBytes));
    }
    int length = (int) size;
    var padded = new byte[length + (-length & (TarHeader.BLOCK - 1))];
    if (source.read(padded, 0, padded.length) < padded.length) {
      throw new UnconvertibleLayerException("the layer is truncated within a header");
    }
    extensions.raw.writeBytes(padded);
    return Arrays.copyOf(padded, length);
  }

  private static void refuseSecond(@Nullable Object first, String what) {
    if (first != null) {
      throw new UnconvertibleLayerException("an entry has two " + what);
    }
  }

  private static TarEntry entry(TarHeader header, Extensions extensions) {
    PaxRecords pax = extensions.pax == null ? PaxRecords.NONE : extensions.pax;
    String name = name("name", extensions.longName, pax.text("path"), header.name());
    Kind kind = kind(header.type(), name);
    if (kind == Kind.REG && pax.sparse()) {
      throw UnconvertibleLayerException.entry(name, "is a sparse file");
    }
    boolean link = kind == Kind.SYMLINK || kind == Kind.HARDLINK;
    boolean device = kind == Kind.CHAR || kind == Kind.BLOCK;
    if (device && !header.hasDeviceNumbers()) {
      // Readers differ in whether they look for them, and device 0:0 hides what lower layers have.
      throw UnconvertibleLayerException.entry(name, "is a device in a format without devices");
    }
    long size = pax.number("size").orElseGet(header::size);
    long mtime = pax.seconds("mtime").orElseGet(header::mtime);
    checkRange(name, "size", size, 0, Long.MAX_VALUE - TarHeader.BLOCK);
    checkRange(name, "modification time", mtime, FIRST_SECOND, LAST_SECOND);
    var entry =
        new TarEntry(
            kind,
            name,
            link ? linkName(header, extensions, pax) : "",
            kind == Kind.REG ? size : 0,
            header.mode(),
            pax.number("uid").orElseGet(header::uid),
            pax.number("gid").orElseGet(header::gid),
            // Lookups are by number, so an unreadable name is no reason to refuse the layer.
            Utf8.decode(pax.text("uname").orElseGet(header::userName)).orElse(""),
            Utf8.decode(pax.text("gname").orElseGet(header::groupName)).orElse(""),
            mtime,
            device ? header.deviceMajor() : 0,
            device ? header.deviceMinor() : 0,
            pax.xattrs(),
            extensions.raw.toByteArray());
    checkRange(name, "owner", entry.uid(), 0, MAX_ID);
    checkRange(name, "group", entry.gid(), 0, MAX_ID);
    checkRange(name, "mode", entry.mode(), 0, Integer.MAX_VALUE);
    checkRange(name, "device major number", entry.deviceMajor(), 0, Integer.MAX_VALUE);
    checkRange(name, "device minor number", entry.deviceMinor(), 0, Integer.MAX_VALUE);
    return entry;
  }

  private static Kind kind(char type, String name) {
    boolean slash = name.endsWith("/");
    return switch (type) {
      case '0', '7' -> {
        if (slash) {
          // Go makes a file of it and GNU tar a directory.
          throw UnconvertibleLayerException.entry(name, "is a file whose name ends with a slash");
        }
        yield Kind.REG;
      }
      // Archives from before there was a type for directories.
      case '\0' -> slash ? Kind.DIR : Kind.REG;
      case '1' -> Kind.HARDLINK;
      case '2' -> Kind.SYMLINK;
      case '3' -> Kind.CHAR;
      case '4' -> Kind.BLOCK;
      case '5' -> Kind.DIR;
      case '6' -> Kind.FIFO;
      case 'S' -> throw UnconvertibleLayerException.entry(name, "is a sparse file");
      default ->
          throw UnconvertibleLayerException.entry(
              name,
              "has type 0x%02x; allowed are files, directories, links, devices and pipes"
                  .formatted((int) type));
    };
  }

  private static String linkName(TarHeader header, Extensions extensions, PaxRecords pax) {
    String linkName =
        name("link name", extensions.longLink, pax.text("linkpath"), header.linkName());
    if (linkName.isEmpty()) {
      throw new UnconvertibleLayerException("a link has no target");
    }
    return linkName;
  }

  /** A GNU long name wins over a PAX record, and that over the header, as in Go's reader. */
  private static String name(
      String what, byte @Nullable [] gnu, Optional<byte[]> pax, byte[] field) {
    byte[] bytes = gnu == null ? pax.orElse(field) : upToZero(gnu);
    if (gnu != null && bytes.length == 0) {
      // To Go it says nothing, to others it is the name.
      throw new UnconvertibleLayerException("an entry has an empty long " + what);
    }
    String text =
        Utf8.decode(bytes)
            .orElseThrow(() ->
                new UnconvertibleLayerException(
                    "a %s is not UTF-8: %s"
                        .formatted(
                            what,
                            UnconvertibleLayerException.quote(
                                new String(bytes, StandardCharsets.UTF_8)))));
    if (text.indexOf('\0') >= 0) {
      throw UnconvertibleLayerException.entry(text, "has a " + what + " with a zero byte in it");
    }
    return text;
  }

  private static byte[] upToZero(byte[] bytes) {
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return Arrays.copyOf(bytes, end);
  }

  private static void checkRange(String name, String what, long value, long min, long max) {
    if (value < min || value > max) {
      throw UnconvertibleLayerException.entry(
          name, "has %s %d; allowed are %d to %d".formatted(what, value, min, max));
    }
  }
}
