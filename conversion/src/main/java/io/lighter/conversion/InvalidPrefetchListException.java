package io.lighter.conversion;

/** A prefetch list that cannot be understood; the message names the list and the line. */
public final class InvalidPrefetchListException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  InvalidPrefetchListException(String list, int line, String problem) {
    super("%s, line %d: %s".formatted(list, line, problem));
  }
}
