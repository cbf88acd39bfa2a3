package io.lighter.node.plan;

import io.lighter.node.NodeException.Refused;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What an operator wants of a node.
 *
 * @param registry where the node reaches Lighter
 * @param upstreams whose images come through it
 * @param lazy whether layers are read before they have arrived
 * @param runtime which runtime to set up; if none is named, the one that is found
 * @param dialTimeout how long a node tries to reach Lighter before it asks upstream
 * @param containerdConfig the configuration file of containerd
 * @param acceptDiscarded whether another snapshotter may be set although layers of the images that
 *     are there were thrown away
 * @param snapshotter a folder, seen from this process, with a stargz-snapshotter to install
 */
public record Wish(
    URI registry,
    List<Upstream> upstreams,
    Lazy lazy,
    Optional<RuntimeKind> runtime,
    Duration dialTimeout,
    String containerdConfig,
    boolean acceptDiscarded,
    Optional<Path> snapshotter) {

  public Wish {
    upstreams = List.copyOf(upstreams);
    boolean bare =
        registry.getHost() != null
            && (registry.getPath() == null || registry.getPath().isEmpty())
            && registry.getQuery() == null;
    if (!bare || !("http".equals(registry.getScheme()) || "https".equals(registry.getScheme()))) {
      throw new Refused("the registry has to be http://HOST:PORT or https://HOST:PORT");
    }
    if (dialTimeout.isNegative() || dialTimeout.isZero()) {
      throw new Refused("the dial timeout has to be more than nothing");
    }
  }

  /** Host and port, as image references name the registry. */
  public String registryHost() {
    return registry.getAuthority();
  }

  public boolean plainHttp() {
    return "http".equals(registry.getScheme());
  }
}
