package io.lighter.node.plan;

import io.lighter.node.NodeException.Refused;
import java.net.URI;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A registry whose images come through Lighter.
 *
 * @param name the host in image references, such as {@code docker.io}
 * @param endpoint what a node asks when Lighter does not answer
 */
public record Upstream(String name, URI endpoint) {
  private static final Pattern HOST =
      Pattern.compile("[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?");

  /**
   * What nodes need before anything else runs on them; it never takes a way through the cluster.
   */
  private static final Set<String> SYSTEM =
      Set.of("registry.k8s.io", "k8s.gcr.io", "mcr.microsoft.com", "602401143452.dkr.ecr");

  public Upstream {
    if (!HOST.matcher(name).matches()) {
      throw new Refused("'" + name + "' is not the host of a registry, such as docker.io");
    }
    if (SYSTEM.stream().anyMatch(system -> name.equals(system) || name.startsWith(system + "."))) {
      throw new Refused(
          name
              + " holds images that a node needs to start, among them the pause image; they are"
              + " never pulled through Lighter. Leave it out of the upstreams.");
    }
    if (endpoint.getHost() == null
        || !("https".equals(endpoint.getScheme()) || "http".equals(endpoint.getScheme()))) {
      throw new Refused("the endpoint of " + name + " has to be http://… or https://…");
    }
  }

  /** {@code HOST} or {@code HOST=URL}. */
  public static Upstream parse(String text) {
    int equals = text.indexOf('=');
    if (equals >= 0) {
      return new Upstream(text.substring(0, equals), uri(text.substring(equals + 1)));
    }
    String server = text.equals("docker.io") ? "registry-1.docker.io" : text;
    return new Upstream(text, uri("https://" + server));
  }

  private static URI uri(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new Refused("'" + text + "' is not a URL: " + e.getMessage());
    }
  }
}
