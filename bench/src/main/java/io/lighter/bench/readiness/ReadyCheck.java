package io.lighter.bench.readiness;

import java.net.URI;

/** What shows that a container is ready. */
sealed interface ReadyCheck {
  /**
   * A GET is answered with 200.
   *
   * @param url reached from where this program runs; containers are in the node's network
   * @param contains what the body has in it; anything if empty
   */
  record Http(URI url, String contains) implements ReadyCheck {}

  /** The container has printed a line with this in it. */
  record Line(String text) implements ReadyCheck {}

  /** The container has ended, with exit code 0. */
  record Ended() implements ReadyCheck {}
}
