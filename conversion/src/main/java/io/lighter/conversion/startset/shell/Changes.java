package io.lighter.conversion.startset.shell;

import java.util.HashSet;
import java.util.Set;

/** Paths that are no longer what the image has, because a command wrote there. */
final class Changes {

  private static final int MAX = 1_000;

  private final Set<String> paths = new HashSet<>();
  private boolean everything;

  /** Notes an absolute path, with all that is below it. */
  void add(String path) {
    if (Unknown.in(path)) {
      return;
    }
    if (paths.size() < MAX) {
      paths.add(Paths.normal(path));
    } else {
      everything = true;
    }
  }

  boolean has(String path) {
    for (String at = Paths.normal(path); at.length() > 1; at = Paths.directory(at)) {
      if (everything || paths.contains(at)) {
        return true;
      }
    }
    return everything;
  }
}
