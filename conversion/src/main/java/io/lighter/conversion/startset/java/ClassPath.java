package io.lighter.conversion.startset.java;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Jars and directories in which classes are looked for. A class or resource that is in none of them
 * has all of them opened, and every start asks for such ones. Belongs to one thread.
 */
final class ClassPath {

  /** Resources in front of directories of classes: configuration, as a rule. */
  private static final long SMALL_RESOURCE = 256 << 10;

  private static final int MAX_ENTRIES = 20_000;

  private final Start start;
  private final Set<ImageFile> jars = new HashSet<>();
  private final List<ImageFile> directories = new ArrayList<>();

  ClassPath(Start start) {
    this.start = start;
  }

  /** Directories of loose classes, in order. */
  List<ImageFile> directories() {
    return List.copyOf(directories);
  }

  /** Whether a jar whose name begins like that is on it. */
  boolean hasJar(String prefix) {
    return jars.stream().anyMatch(jar -> jar.name().startsWith(prefix));
  }

  /**
   * Adds what a text names, as {@code --class-path} has it: paths with colons between them; one
   * that ends with {@code /*} means all jars of a directory.
   */
  void add(String path, Reason reason) {
    for (String entry : path.split(":", -1)) {
      start.checkpoint();
      if (entry.equals("*") || entry.endsWith("/*")) {
        start
            .image()
            .directory(start.absolute(entry.substring(0, entry.length() - 1)))
            .ifPresent(directory -> addJarsOf(directory, reason));
      } else {
        addEntry(entry.isEmpty() ? "." : entry, reason);
      }
    }
  }

  /** Adds jars that are directly in a directory. */
  void addJarsOf(ImageFile directory, Reason reason) {
    for (Map.Entry<String, ImageFile> child : directory.children().entrySet()) {
      start.checkpoint();
      if (child.getKey().endsWith(".jar") || child.getKey().endsWith(".JAR")) {
        start
            .image()
            .find(directory, child.getKey())
            .filter(ImageFile::isRegular)
            .ifPresent(jar -> addJar(jar, reason));
      }
    }
  }

  /** Adds what a module path names: jars, directories of them, and exploded modules. */
  void addModules(String path, Reason reason) {
    for (String entry : path.split(":", -1)) {
      start.checkpoint();
      addEntry(entry, reason);
      start
          .image()
          .directory(start.absolute(entry))
          .ifPresent(directory -> addJarsOf(directory, reason));
    }
  }

  private void addEntry(String entry, Reason reason) {
    start
        .image()
        .find(start.absolute(entry))
        .ifPresent(found -> {
          if (found.isRegular()) {
            addJar(found, reason);
          } else if (found.isDirectory() && !directories.contains(found)) {
            addDirectory(found);
          }
        });
  }

  /** Adds a directory of loose classes, and takes in the configuration that stands in it. */
  void addDirectory(ImageFile directory) {
    directories.add(directory);
    var reason = Reason.likely("resource of the class path");
    for (String within : List.of("", "META-INF", "META-INF/services", "config")) {
      start
          .image()
          .find(directory, within)
          .filter(ImageFile::isDirectory)
          .ifPresent(at -> readResources(at, reason));
    }
  }

  private void readResources(ImageFile directory, Reason reason) {
    for (ImageFile file : directory.children().values()) {
      start.checkpoint();
      String name = file.name();
      boolean code = name.endsWith(".class") || name.endsWith(".jar");
      if (!code && file.size() <= SMALL_RESOURCE) {
        start.reads(file, reason);
      }
    }
  }

  /** Adds a jar with those that its manifest names, and so on. */
  void addJar(ImageFile jar, Reason reason) {
    Deque<ImageFile> ahead = new ArrayDeque<>(List.of(jar));
    while (!ahead.isEmpty() && jars.size() < MAX_ENTRIES) {
      start.checkpoint();
      ImageFile next = ahead.pop();
      if (jars.add(next)) {
        start.reads(next, reason);
        for (String relative : JarManifest.of(next, start).classPath()) {
          start.checkpoint();
          String path =
              relative.startsWith("file:") ? relative.substring("file:".length()) : relative;
          start
              .image()
              .find(next.directory(), path)
              .ifPresent(found -> {
                if (found.isRegular()) {
                  ahead.addLast(found);
                } else if (found.isDirectory() && !directories.contains(found)) {
                  addDirectory(found);
                }
              });
        }
      }
    }
  }
}
