package io.lighter.server.upstream;

import io.lighter.oci.RepositoryName;

/**
 * A repository of an upstream.
 *
 * @param upstream the registry that has it
 * @param remote its name there
 */
public record MirroredRepository(UpstreamRegistry upstream, RepositoryName remote) {

  /**
   * The name under which its content is kept here.
   *
   * @throws io.lighter.oci.InvalidReferenceException if host and name together are too long
   */
  public RepositoryName local() {
    return RepositoryName.mirrored(upstream.name(), remote);
  }

  @Override
  public String toString() {
    return upstream.name() + '/' + remote;
  }
}
