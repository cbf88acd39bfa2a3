package io.lighter.server.http;

import io.vertx.core.MultiMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Which upstream a request names: by {@code ns}, else by {@code OCI-Namespace}, else by the {@code
 * Host} that it was sent to, for clients that can be told another host and nothing more. Pure.
 *
 * @param namespaces names of upstreams by lower-case host, with or without port
 */
public record VirtualHosts(Map<String, String> namespaces) {
  public VirtualHosts {
    namespaces = Map.copyOf(namespaces);
  }

  /** The namespace that a request names; empty if it names none. */
  Optional<String> namespace(Query query, MultiMap headers) {
    return query
        .first("ns")
        .filter(name -> !name.isEmpty())
        .or(() -> Optional.ofNullable(headers.get("OCI-Namespace")).filter(name -> !name.isEmpty()))
        .or(() -> byHost(headers));
  }

  private Optional<String> byHost(MultiMap headers) {
    String host = namespaces.isEmpty() ? null : headers.get("Host");
    if (host == null) {
      return Optional.empty();
    }
    String authority = host.toLowerCase(Locale.ROOT);
    String exact = namespaces.get(authority);
    int port = authority.lastIndexOf(':');
    boolean hasPort = port > authority.lastIndexOf(']') && port >= 0;
    return exact == null && hasPort
        ? Optional.ofNullable(namespaces.get(authority.substring(0, port)))
        : Optional.ofNullable(exact);
  }
}
