package io.lighter.conversion.startset.shell;

import java.util.ArrayDeque;

/** Paths as text. */
final class Paths {

  private Paths() {}

  /** An absolute path without dots and double slashes; links are not followed. */
  static String normal(String path) {
    var names = new ArrayDeque<String>();
    for (String name : path.split("/+", -1)) {
      if (name.equals("..")) {
        names.pollLast();
      } else if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    return "/" + String.join("/", names);
  }

  /** What {@code dirname} makes of a path. */
  static String directory(String path) {
    String clean = withoutSlashes(path);
    int slash = clean.lastIndexOf('/');
    if (slash < 0) {
      return ".";
    }
    return slash == 0 ? "/" : withoutSlashes(clean.substring(0, slash));
  }

  /** What {@code basename} makes of a path. */
  static String name(String path) {
    String clean = withoutSlashes(path);
    return clean.equals("/") ? clean : clean.substring(clean.lastIndexOf('/') + 1);
  }

  private static String withoutSlashes(String path) {
    int end = path.length();
    while (end > 1 && path.charAt(end - 1) == '/') {
      end--;
    }
    return path.substring(0, end);
  }
}
