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
 * @param publicOnly whether not even its own endpoint may have a private address
 */
public record Addressing(List<String> hosts, Optional<RepositoryName> prefix, boolean publicOnly) {

  /** The same names on both sides. */
  public static final Addressing PLAIN = new Addressing(List.of(), Optional.empty(), false);

  /** The same for a host that nobody configured. */
  static final Addressing PUBLIC = new Addressing(List.of(), Optional.empty(), true);

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
