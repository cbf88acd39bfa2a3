package io.lighter.server.upstream;

import io.lighter.oci.RepositoryName;

/** What the name in a request means. */
public sealed interface Target {

  /** The name under which content and links are kept. */
  RepositoryName local();

  /**
   * A repository whose content was pushed here, or would be.
   *
   * @param local its name
   */
  record Hosted(RepositoryName local) implements Target {}

  /**
   * A repository of an upstream.
   *
   * @param repository the repository
   * @param explicit whether the request names the upstream; otherwise it is the default for a name
   *     that nothing was pushed under, which a push may still take
   */
  record Mirrored(MirroredRepository repository, boolean explicit) implements Target {

    @Override
    public RepositoryName local() {
      return repository.local();
    }
  }
}
