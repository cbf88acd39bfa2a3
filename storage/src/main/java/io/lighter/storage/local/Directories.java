package io.lighter.storage.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Directories whose own names survive a crash. A file is only as durable as the names of all the
 * directories above it, and a name is durable when the directory that it stands in was synced.
 *
 * <p>Thread-safe.
 */
final class Directories {
  private final Path root;
  private final Set<Path> durable = ConcurrentHashMap.newKeySet();

  /**
   * Nothing below the root is known to be durable yet.
   *
   * @param root a directory that exists and whose own name is taken for durable
   */
  Directories(Path root) {
    this.root = root;
  }

  /** Creates a directory with its missing parents and makes all their names durable. */
  static void create(Path directory) throws IOException {
    Path existing = directory.toAbsolutePath();
    while (!Files.isDirectory(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    new Directories(existing).ensure(directory.toAbsolutePath());
  }

  /**
   * Creates a directory below the root with its parents and makes their names durable. One that
   * exists is synced as well the first time: the process that made it may not have got that far.
   */
  void ensure(Path directory) throws IOException {
    Path parent = directory.getParent();
    if (directory.equals(root) || parent == null || durable.contains(directory)) {
      return;
    }
    ensure(parent);
    Files.createDirectories(directory);
    sync(parent);
    durable.add(directory);
  }

  /** Makes the names in a directory durable. */
  static void sync(Path directory) throws IOException {
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
