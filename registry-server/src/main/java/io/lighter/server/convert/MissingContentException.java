package io.lighter.server.convert;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;

/** An image names content that its repository does not have, so it cannot be converted. */
final class MissingContentException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MissingContentException(RepositoryName repository, Digest digest) {
    super("repository %s does not have %s".formatted(repository, digest));
  }
}
