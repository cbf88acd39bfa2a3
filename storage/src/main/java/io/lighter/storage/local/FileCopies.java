package io.lighter.storage.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Copies whole files into a directory, and makes them durable. Not thread-safe. */
final class FileCopies {
  private final Directories directories;
  private final Set<Path> changed = new LinkedHashSet<>();
  private boolean links = true;

  /**
   * @param root exists; everything is copied to places below it
   */
  FileCopies(Path root) {
    directories = new Directories(root);
  }

  /**
   * Makes an immutable file appear at another place too: by a hard link, which costs neither time
   * nor space, or by a copy where the file system cannot link, as to another one.
   */
  void linkOrCopy(Path source, Path target) throws IOException {
    directories.ensure(parent(target));
    if (links) {
      try {
        Files.createLink(target, source);
        changed.add(parent(target));
        return;
      } catch (NoSuchFileException | FileAlreadyExistsException e) {
        throw e;
      } catch (FileSystemException | UnsupportedOperationException _) {
        // Not even tried again: what one file system cannot do for one file it cannot for the next.
        links = false;
      }
    }
    copy(source, target);
  }

  /** Copies a file that may change later. */
  void copy(Path source, Path target) throws IOException {
    directories.ensure(parent(target));
    Files.copy(source, target);
    try (var channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    changed.add(parent(target));
  }

  /**
   * Gives a file that may be a link the bytes to itself, so that damage to the other one is none to
   * this.
   */
  void unshare(Path file) throws IOException {
    Path own = file.resolveSibling(file.getFileName() + ".own");
    copy(file, own);
    Files.move(own, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** All files below a directory; none if it does not exist. */
  static List<Path> below(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  /** Makes the names of all copies durable. */
  void sync() throws IOException {
    for (Path directory : changed) {
      Directories.sync(directory);
    }
  }

  private static Path parent(Path file) {
    Path parent = file.getParent();
    if (parent == null) {
      throw new IllegalArgumentException("not below the root: " + file);
    }
    return parent;
  }
}
