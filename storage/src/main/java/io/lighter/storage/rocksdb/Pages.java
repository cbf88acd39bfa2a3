package io.lighter.storage.rocksdb;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Walks over many entries a page at a time, so that no walk holds an iterator, and with it old
 * files of the database, for as long as it takes. It sees changes that are made behind the page
 * that it is at.
 */
final class Pages {
  private static final int PAGE = 500;

  private Pages() {}

  /** Shows every entry whose key begins with the prefix. */
  static void forEach(View view, Family family, byte[] prefix, Consumer<View.Entry> action) {
    any(
        view,
        family,
        prefix,
        entry -> {
          action.accept(entry);
          return false;
        });
  }

  /** Whether any entry whose key begins with the prefix is as wanted; ends at the first one. */
  static boolean any(View view, Family family, byte[] prefix, Predicate<View.Entry> wanted) {
    byte[] from = prefix;
    List<View.Entry> page;
    do {
      page = view.scan(family, prefix, from, PAGE);
      if (page.stream().anyMatch(wanted)) {
        return true;
      }
      from = page.isEmpty() ? from : Keys.successor(page.getLast().key());
    } while (page.size() == PAGE);
    return false;
  }
}
