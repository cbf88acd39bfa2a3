package io.lighter.bench;

import io.lighter.bench.load.BenchException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** A temporary directory, which is removed with all that is in it. */
final class Scratch implements AutoCloseable {
  private final Path directory;

  Scratch() {
    try {
      directory = Files.createTempDirectory("lighter-bench");
    } catch (IOException e) {
      throw new BenchException("no temporary directory: " + e.getMessage(), e);
    }
  }

  Path directory() {
    return directory;
  }

  @Override
  public void close() {
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new BenchException("%s cannot be removed: %s".formatted(directory, e.getMessage()), e);
    }
  }
}
