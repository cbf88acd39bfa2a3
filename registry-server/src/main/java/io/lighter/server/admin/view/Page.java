package io.lighter.server.admin.view;

import io.lighter.server.admin.AdminRequest;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A part of a list that is ordered by name.
 *
 * @param entries at most as many as were asked for
 * @param next what to ask for with {@code after}; empty at the end
 */
record Page<T>(List<T> entries, String next) {
  /** What a request for a page may say. */
  static final Set<String> PARAMETERS = Set.of("after", "limit");

  private static final int LIMIT = 100;
  private static final int MOST = 500;

  /**
   * The part that a request asks for.
   *
   * @param list what comes behind a name, of at most so many
   * @throws io.lighter.server.admin.AdminException.Invalid if it asks for too many
   */
  static <T> Page<T> of(
      AdminRequest request, BiFunction<String, Integer, List<T>> list, Function<T, String> name) {
    int limit = request.number("limit", LIMIT, MOST);
    // One more says whether there is more.
    List<T> found = list.apply(request.text("after").orElse(""), limit + 1);
    List<T> entries = found.subList(0, Math.min(limit, found.size()));
    return new Page<>(entries, found.size() > limit ? name.apply(entries.getLast()) : "");
  }
}
