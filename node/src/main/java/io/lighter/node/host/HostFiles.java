package io.lighter.node.host;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import io.lighter.node.NodeException.HostFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Files of a host below a root folder, named by the absolute paths that they have on the host.
 *
 * <p>Symbolic links are followed as the host would follow them: an absolute target starts at the
 * root folder again, and none leads out of it. A file is replaced whole or not at all: the new
 * bytes are on the disk under another name before they get the name, so that a reader and a machine
 * that loses its power see either the old bytes or the new ones. All methods block and throw {@link
 * HostFailure}.
 */
public final class HostFiles {
  private static final int MOST_LINKS = 40;
  private static final String UNFINISHED = ".lighter-unfinished";

  private final Path root;
  private final Steps steps;

  /**
   * Files below a folder.
   *
   * @param root what the host calls {@code /}
   */
  public HostFiles(Path root, Steps steps) {
    this.root = root.toAbsolutePath().normalize();
    this.steps = steps;
  }

  public Path root() {
    return root;
  }

  /**
   * Where a file of the host is for this process, all links followed but for a missing last part.
   */
  public Path locate(String hostPath) {
    Path real = root;
    var left = new ArrayList<>(parts(hostPath));
    int links = 0;
    while (!left.isEmpty()) {
      String part = left.removeFirst();
      if (part.equals("..")) {
        real = real.equals(root) ? root : parent(real);
        continue;
      }
      Path next = real.resolve(part);
      if (!Files.isSymbolicLink(next)) {
        real = next;
        continue;
      }
      if (++links > MOST_LINKS) {
        throw new HostFailure(hostPath + " leads through more than " + MOST_LINKS + " links");
      }
      String target = linkTarget(next);
      if (target.startsWith("/")) {
        real = root;
      }
      left.addAll(0, parts(target));
    }
    return real;
  }

  /** The content, or nothing if there is no such file. */
  public Optional<byte[]> read(String hostPath) {
    try {
      return Optional.of(Files.readAllBytes(locate(hostPath)));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (FileSystemException e) {
      if ("Not a directory".equals(e.getReason())) {
        return Optional.empty();
      }
      throw new HostFailure("cannot read " + hostPath, e);
    } catch (IOException e) {
      throw new HostFailure("cannot read " + hostPath, e);
    }
  }

  public boolean exists(String hostPath) {
    return Files.exists(locate(hostPath));
  }

  /** Names of what is in a folder, sorted; none if there is no such folder. */
  public List<String> list(String hostFolder) {
    Path folder = locate(hostFolder);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> String.valueOf(entry.getFileName())).sorted().toList();
    } catch (IOException e) {
      throw new HostFailure("cannot list " + hostFolder, e);
    }
  }

  /** Folders above a path that are not there yet, the outermost first. */
  public List<String> missingFolders(String hostPath) {
    var missing = new ArrayList<String>();
    int slash = hostPath.lastIndexOf('/');
    while (slash > 0) {
      String folder = hostPath.substring(0, slash);
      if (Files.exists(locate(folder))) {
        break;
      }
      missing.addFirst(folder);
      slash = folder.lastIndexOf('/');
    }
    return missing;
  }

  /**
   * Replaces or creates a file, with the folders above it. A file that was there keeps its owner
   * and its permissions.
   *
   * @param mode permissions of a new file, such as {@code rw-r--r--}
   */
  public void write(String hostPath, byte[] content, String mode) {
    Path target = locate(hostPath);
    Path folder = parent(target);
    Path unfinished = unfinished(target);
    try {
      if (!Files.isDirectory(folder)) {
        steps.about("create " + folder);
        Files.createDirectories(folder);
      }
      steps.about("create " + unfinished);
      Files.deleteIfExists(unfinished);
      try (var channel =
          FileChannel.open(unfinished, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        steps.about("fill " + unfinished);
        var bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        adopt(target, unfinished, mode);
        steps.about("sync " + unfinished);
        channel.force(true);
      }
      steps.about("rename " + unfinished);
      Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
      steps.about("sync " + folder);
      syncFolder(folder);
    } catch (IOException e) {
      throw new HostFailure("cannot write " + hostPath, e);
    }
  }

  /**
   * Lays a file beside the one that it could become, for programs of the host to judge; nobody
   * reads it by itself, and {@link #deleteUnfinished} takes it away.
   *
   * @return its path on the host
   */
  public String draft(String hostPath, byte[] content) {
    Path draft = unfinished(locate(hostPath));
    try {
      steps.about("draft " + draft);
      Files.write(draft, content);
      return "/" + root.relativize(draft);
    } catch (IOException e) {
      throw new HostFailure("cannot write beside " + hostPath, e);
    }
  }

  /** Deletes a file, if it is there, and what an interrupted {@link #write} of it left. */
  public void delete(String hostPath) {
    Path target = locate(hostPath);
    try {
      steps.about("delete " + target);
      if (Files.deleteIfExists(target) && parent(target).toFile().isDirectory()) {
        syncFolder(parent(target));
      }
    } catch (IOException e) {
      throw new HostFailure("cannot delete " + hostPath, e);
    }
    deleteUnfinished(hostPath);
  }

  /** Deletes what an interrupted {@link #write} of this file left beside it. */
  public void deleteUnfinished(String hostPath) {
    try {
      Files.deleteIfExists(unfinished(locate(hostPath)));
    } catch (IOException e) {
      throw new HostFailure("cannot delete what an interrupted run left beside " + hostPath, e);
    }
  }

  /** Deletes a folder if it is there and empty. */
  public void deleteEmptyFolder(String hostFolder) {
    Path folder = locate(hostFolder);
    try (Stream<Path> entries =
        Files.isDirectory(folder, NOFOLLOW_LINKS) ? Files.list(folder) : Stream.of(folder)) {
      if (entries.findAny().isPresent()) {
        return;
      }
      steps.about("delete " + folder);
      Files.delete(folder);
    } catch (IOException e) {
      throw new HostFailure("cannot delete " + hostFolder, e);
    }
  }

  private static void adopt(Path target, Path unfinished, String mode) throws IOException {
    boolean replaced = Files.exists(target);
    Files.setPosixFilePermissions(
        unfinished,
        replaced ? Files.getPosixFilePermissions(target) : PosixFilePermissions.fromString(mode));
    if (replaced) {
      for (String attribute : List.of("unix:gid", "unix:uid")) {
        Object owner = Files.getAttribute(target, attribute);
        if (!owner.equals(Files.getAttribute(unfinished, attribute))) {
          Files.setAttribute(unfinished, attribute, owner);
        }
      }
    }
  }

  private static void syncFolder(Path folder) throws IOException {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  // Ends in nothing that a runtime reads: drop-in folders are read by the pattern *.toml or *.conf.
  private static Path unfinished(Path target) {
    return target.resolveSibling("." + target.getFileName() + UNFINISHED);
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    if (parent == null) {
      throw new HostFailure(path + " is not a file");
    }
    return parent;
  }

  private static String linkTarget(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      throw new HostFailure("cannot follow " + link, e);
    }
  }

  private static List<String> parts(String path) {
    return Arrays.stream(path.split("/", -1))
        .filter(part -> !part.isEmpty() && !part.equals("."))
        .toList();
  }
}
