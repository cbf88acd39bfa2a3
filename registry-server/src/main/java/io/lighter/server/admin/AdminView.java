package io.lighter.server.admin;

import java.util.Set;

/**
 * Something of a running server that an operator can look at: {@code GET /admin/<name>}, answered
 * with one JSON document. Thread-safe; changes nothing.
 */
public interface AdminView {

  /** Its path below {@code /admin/}. */
  String name();

  /** Query parameters that it knows; a request with any other is refused. */
  default Set<String> parameters() {
    return Set.of();
  }

  /**
   * Looks. May block for reads of the store, asks no upstream, and takes a bounded time and amount
   * of memory.
   *
   * @throws AdminException.Invalid if the request makes no sense
   * @throws AdminException.Missing if there is no such thing here
   */
  Record read(AdminRequest request);
}
