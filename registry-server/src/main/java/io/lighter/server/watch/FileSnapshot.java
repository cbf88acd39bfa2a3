package io.lighter.server.watch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What some files held when they were read together. Immutable; not for large files. */
public final class FileSnapshot {
  private static final long MAX_BYTES = 16 << 20;

  private final Map<Path, byte[]> contents;

  private FileSnapshot(Map<Path, byte[]> contents) {
    this.contents = contents;
  }

  /**
   * Reads files, following links.
   *
   * @throws UncheckedIOException if one cannot be read, or is longer than 16 MiB; its message says
   *     which, and why
   */
  public static FileSnapshot of(List<Path> files) {
    var contents = new LinkedHashMap<Path, byte[]>();
    for (Path file : files) {
      contents.put(file, read(file));
    }
    return new FileSnapshot(contents);
  }

  private static byte[] read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException("it is longer than %d bytes".formatted(MAX_BYTES));
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new UncheckedIOException("\"%s\" does not exist".formatted(file), e);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "\"%s\" cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** The files, in the order in which they were named. */
  public List<Path> files() {
    return List.copyOf(contents.keySet());
  }

  /** What one of the files held; not to be changed. */
  public byte[] bytes(Path file) {
    return Objects.requireNonNull(contents.get(file), () -> "not among the files: " + file);
  }

  /** Whether the same files held the same bytes. */
  public boolean sameAs(FileSnapshot other) {
    return contents.keySet().equals(other.contents.keySet())
        && contents.entrySet().stream()
            .allMatch(entry -> Arrays.equals(entry.getValue(), other.bytes(entry.getKey())));
  }
}
