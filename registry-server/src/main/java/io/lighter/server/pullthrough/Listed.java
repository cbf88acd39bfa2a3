package io.lighter.server.pullthrough;

import java.util.List;
import java.util.Optional;

/**
 * A list of an upstream, or a page of one.
 *
 * @param entries in order
 * @param warning for the client, if upstream did not confirm the list
 */
public record Listed<E>(List<E> entries, Optional<String> warning) {
  public Listed {
    entries = List.copyOf(entries);
  }
}
