package io.lighter.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Reads a list that comes in pages. */
final class Pages {

  private Pages() {}

  /** Follows pages by their last element to the end. */
  static <T> List<T> all(Function<String, List<T>> page) {
    var all = new ArrayList<T>();
    for (var next = page.apply(""); !next.isEmpty(); next = page.apply(all.getLast().toString())) {
      all.addAll(next);
    }
    return all;
  }
}
