package io.lighter.server.upstream;

import io.lighter.oci.RepositoryName;
import java.util.List;
import java.util.Optional;

/**
 * How names of clients lead to an upstream, and to what there.
 *
 * @param hosts values of {@code Host}, with or without a port, by which a request means this
 *     upstream if it does not say otherwise
 * @param prefix what the upstream has before each name of ours: {@code library/nginx} is asked for
 *     as {@code mirror/docker/library/nginx} if this is {@code mirror/docker}
 */
public record Addressing(List<String> hosts, Optional<RepositoryName> prefix) {

  /** The same names on both sides. */
  public static final Addressing PLAIN = new Addressing(List.of(), Optional.empty());

  public Addressing {
    hosts = List.copyOf(hosts);
  }

  /**
   * What the upstream calls a repository.
   *
   * @throws io.lighter.oci.InvalidReferenceException if that is too long a name
   */
  RepositoryName remote(RepositoryName name) {
    return prefix.map(before -> RepositoryName.parse(before + "/" + name)).orElse(name);
  }
}
