package io.lighter.server.upstream;

import java.io.Serial;
import java.util.Collection;

/**
 * A request names a registry that is not configured as an upstream. Answered with 404, so that a
 * client that has other mirrors goes on to the next; never with a request to that registry.
 */
public final class UnknownNamespaceException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private static final int EXCERPT = 160;

  UnknownNamespaceException(String namespace, Collection<String> known) {
    super(
        "namespace \"%s\" is not configured as an upstream; configured are: %s"
            .formatted(
                namespace.length() <= EXCERPT ? namespace : namespace.substring(0, EXCERPT) + "…",
                known.isEmpty() ? "none" : String.join(", ", known)));
  }
}
