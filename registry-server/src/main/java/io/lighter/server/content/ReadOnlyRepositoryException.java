package io.lighter.server.content;

import io.lighter.oci.RepositoryName;

/** A push into, or a delete from, a repository whose content belongs to its upstream. */
public final class ReadOnlyRepositoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ReadOnlyRepositoryException(RepositoryName repository) {
    super(
        "%s is mirrored from its upstream and cannot be changed here; push under a name that does not begin with the host of an upstream"
            .formatted(repository),
        null,
        false,
        false);
  }
}
