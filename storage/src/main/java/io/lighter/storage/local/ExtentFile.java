package io.lighter.storage.local;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lighter.storage.Extent;
import io.lighter.storage.Extents;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * The file that says which bytes of a partial blob are on the disk. Replaced as a whole, so that it
 * is always one that was written; the sum at its end is for disks that break this rule.
 *
 * <pre>
 * lighter-extents 1
 * 104857600            length of the whole blob
 * 0 8388608            first byte and end of each extent
 * 104824832 104857600
 * 5d1c2f90             CRC-32 of all lines above
 * </pre>
 */
final class ExtentFile {
  private static final String FORMAT = "lighter-extents 1";

  private final Path path;

  ExtentFile(Path path) {
    this.path = path;
  }

  /** What is there of a blob of this size; empty if nothing is that can be trusted. */
  Optional<Extents> read(long size) throws IOException {
    return read(Optional.of(size));
  }

  /** What is there of a blob of any size; empty if nothing is that can be trusted. */
  Optional<Extents> read() throws IOException {
    return read(Optional.empty());
  }

  private Optional<Extents> read(Optional<Long> size) throws IOException {
    String text;
    try {
      text = Files.readString(path, US_ASCII);
    } catch (NoSuchFileException | MalformedInputException _) {
      return Optional.empty();
    }
    int sum = text.lastIndexOf('\n', text.length() - 2) + 1;
    if (!text.substring(sum).equals(sum(text.substring(0, sum)))) {
      return Optional.empty();
    }
    List<String> lines = text.substring(0, sum).lines().toList();
    if (!lines.get(0).equals(FORMAT)
        || size.filter(wanted -> !lines.get(1).equals(Long.toString(wanted))).isPresent()) {
      return Optional.empty();
    }
    var extents = new Extents();
    for (String line : lines.subList(2, lines.size())) {
      int blank = line.indexOf(' ');
      extents.add(
          new Extent(
              Long.parseLong(line.substring(0, blank)), Long.parseLong(line.substring(blank + 1))));
    }
    return Optional.of(extents);
  }

  /** Replaces the file; the bytes it speaks of must be durable. */
  void write(long size, Extents extents) throws IOException {
    var text = new StringBuilder(FORMAT).append('\n').append(size).append('\n');
    for (Extent extent : extents) {
      text.append(extent.first()).append(' ').append(extent.end()).append('\n');
    }
    text.append(sum(text.toString()));
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    try (var channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      var bytes = ByteBuffer.wrap(text.toString().getBytes(US_ASCII));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
  }

  void delete() throws IOException {
    Files.deleteIfExists(path);
  }

  private static String sum(String lines) {
    var crc = new CRC32();
    crc.update(lines.getBytes(US_ASCII));
    return "%08x\n".formatted(crc.getValue());
  }
}
