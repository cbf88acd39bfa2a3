package io.lighter.server.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import java.util.Optional;

/**
 * A request as handlers see it. Handlers read it on a virtual thread; nothing here reaches back to
 * the event loop except the body.
 *
 * @param id names the request in logs and in the body of a 5xx
 * @param method its method
 * @param endpoint what its path means
 * @param query its query
 * @param namespace the upstream that it names, if it names one
 * @param headers its headers, not modified any more
 * @param origin where it comes from
 * @param body its body, not read yet
 */
record RegistryRequest(
    String id,
    HttpMethod method,
    Endpoint endpoint,
    Query query,
    Optional<String> namespace,
    MultiMap headers,
    Origin origin,
    RequestBody body) {

  Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  /** Which view and part it wants, on which condition. */
  Selection selection() {
    return Selection.of(headers);
  }

  boolean isHead() {
    return method.equals(HttpMethod.HEAD);
  }
}
