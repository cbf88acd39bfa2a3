package io.lighter.storage.local;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What this process has open, as Linux tells it. */
final class OpenDescriptors {
  private OpenDescriptors() {}

  /** How many descriptors lead to a file. */
  static long of(Path file) throws IOException {
    Path real =
        requireNonNull(file.getParent()).toRealPath().resolve(requireNonNull(file.getFileName()));
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.filter(descriptor -> leadsTo(real, descriptor)).count();
    }
  }

  private static boolean leadsTo(Path file, Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).equals(file);
    } catch (IOException _) {
      return false; // Closed meanwhile, by somebody else.
    }
  }
}
