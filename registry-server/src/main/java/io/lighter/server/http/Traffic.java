package io.lighter.server.http;

import io.lighter.server.access.Rights;
import io.lighter.server.limit.Limits;
import io.lighter.server.limit.Load;
import io.lighter.server.limit.Pace;
import io.lighter.server.limit.Places;
import io.lighter.server.limit.Requester;
import io.vertx.core.http.HttpMethod;
import java.util.Optional;

/**
 * Which requests are let in, how many of them at once, and how fast their bodies go. Shared by all
 * listeners; thread-safe.
 *
 * @param limits how many requests and bytes in a second
 * @param requests places of requests that wait for storage or upstream
 * @param uploads places of requests that send blobs
 * @param load whether there is more to do than can be done
 */
public record Traffic(Limits limits, Places requests, Places uploads, Load load) {

  /** On whose account a request goes. */
  static Requester requester(
      Optional<Rights> rights, String address, Endpoint endpoint, Optional<String> namespace) {
    String client =
        rights
            .filter(known -> !known.caller().isAnonymous())
            .map(known -> "user " + known.caller().name())
            .orElse(address);
    return new Requester(client, namespace.orElseGet(() -> first(endpoint.repository())));
  }

  private static String first(String name) {
    int slash = name.indexOf('/');
    return slash < 0 ? name : name.substring(0, slash);
  }

  /**
   * Lets a request in that has to wait for something.
   *
   * @throws io.lighter.server.limit.LimitException if it is one too many, now or in this second
   */
  Places.Place admit(Requester requester, Endpoint endpoint, HttpMethod method) {
    if (limits.active()) {
      limits.admit(requester);
    }
    load.require(worth(endpoint, method));
    return requests.take(requester);
  }

  private static Load.Worth worth(Endpoint endpoint, HttpMethod method) {
    return switch (endpoint) {
      case Endpoint.Uploads _, Endpoint.Catalog _, Endpoint.Tags _, Endpoint.Referrers _ ->
          Load.Worth.LEAST;
      case Endpoint.Ping _, Endpoint.Token _, Endpoint.Blob _ -> Load.Worth.MORE;
      case Endpoint.Manifest _ -> method.equals(HttpMethod.PUT) ? Load.Worth.MOST : Load.Worth.MORE;
      case Endpoint.Upload _ -> Load.Worth.MOST;
    };
  }

  /** How fast the bytes of a request and of its answer may go. */
  Pace pace(Requester requester) {
    return limits.active() ? limits.pace(requester) : Pace.FREE;
  }
}
