package io.lighter.conversion.startset.program;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.PathGlob;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Configuration files of a program and the files that they name: others of their kind, modules,
 * certificates, the first page of document roots. Works for the many formats in which a path is a
 * word by itself and a line that begins with {@code #} or {@code ;} says nothing.
 */
final class Configuration {

  private static final int LONGEST = 256 << 10;
  private static final long LARGEST_NAMED = 4L << 20;
  private static final int MAX_FILES = 2_000;

  private final Start start;
  private final List<String> bases;
  private final Deque<ImageFile> open = new ArrayDeque<>();
  private final Set<ImageFile> seen = new HashSet<>();

  /**
   * The configuration of a program.
   *
   * @param name of the program, which its directories have too
   */
  Configuration(Start start, String name) {
    this.start = start;
    this.bases =
        List.of(
            "/etc/" + name,
            "/usr/share/" + name,
            "/usr/lib/" + name,
            "/usr/lib/" + name + "/modules",
            "/usr/lib64/" + name + "/modules",
            "/usr/local/" + name,
            "/usr/local/lib/" + name,
            "/usr/local/" + name + "/conf");
  }

  /** Whether no file of it is known. */
  boolean isEmpty() {
    return seen.isEmpty();
  }

  /** Adds a file that is taken in already, to be looked into if it is text. */
  void add(ImageFile file) {
    if (seen.size() < MAX_FILES && seen.add(file)) {
      open.add(file);
    }
  }

  /** Takes in whatever the files name, and what those name in turn. */
  void follow() {
    while (!open.isEmpty()) {
      ImageFile file = open.remove();
      if (file.size() > LONGEST) {
        continue;
      }
      String text = start.text(file, LONGEST);
      if (text.indexOf('\0') >= 0) {
        continue;
      }
      for (String line : text.lines().toList()) {
        start.checkpoint();
        String said = line.strip();
        if (!said.startsWith("#") && !said.startsWith(";")) {
          words(said).forEach(word -> named(word, file));
        }
      }
    }
  }

  /** What stands between blanks, quotes and the like, up to a comment. */
  private static List<String> words(String line) {
    var words = new ArrayList<String>();
    var word = new StringBuilder();
    for (int i = 0; i <= line.length(); i++) {
      char c = i < line.length() ? line.charAt(i) : ' ';
      if (c > ' ' && "\"'`;,=<>(){}|".indexOf(c) < 0) {
        word.append(c);
        continue;
      }
      if (!word.isEmpty()) {
        words.add(word.toString());
        if (word.charAt(0) == '#') {
          return words;
        }
        word.setLength(0);
      }
    }
    return words;
  }

  private void named(String word, ImageFile by) {
    boolean path = word.indexOf('/') >= 0 || word.indexOf('.') >= 0;
    if (!path || word.length() > 1024 || word.startsWith("-")) {
      return;
    }
    String clean = word.startsWith("file:") ? word.substring(5).replaceFirst("^//", "") : word;
    if (PathGlob.isPattern(clean)) {
      String pattern = clean.startsWith("/") ? clean : by.directory().path() + "/" + clean;
      if (pattern.lastIndexOf('/') > 0) {
        PathGlob.files(start, pattern).forEach(file -> take(file, by));
      }
      return;
    }
    if (clean.startsWith("/")) {
      start.image().file(clean).ifPresent(file -> take(file, by));
      start
          .image()
          .directory(clean)
          .filter(directory -> clean.indexOf('/', 1) > 0)
          .ifPresent(directory -> pages(directory, by));
      return;
    }
    start
        .image()
        .find(by.directory(), clean)
        .filter(ImageFile::isRegular)
        .ifPresentOrElse(
            file -> take(file, by),
            () ->
                bases.stream()
                    .flatMap(base -> start.image().file(base + "/" + clean).stream())
                    .findFirst()
                    .ifPresent(file -> take(file, by)));
  }

  private void pages(ImageFile directory, ImageFile by) {
    directory.children().keySet().stream()
        .filter(name -> name.startsWith("index."))
        .forEach(name ->
            start
                .image()
                .find(directory, name)
                .filter(file -> file.size() <= LARGEST_NAMED)
                .ifPresent(file ->
                    start.reads(
                        file, Reason.likely("first page, " + by + " names its directory"))));
  }

  private void take(ImageFile file, ImageFile by) {
    var reason = Reason.likely(by + " names it");
    if (file.name().endsWith(".so") || file.name().contains(".so.")) {
      start.loads(file, reason);
    } else if (file.isRegular() && file.size() <= LARGEST_NAMED && !file.isExecutable()) {
      start.reads(file, reason);
      add(file);
    }
  }
}
