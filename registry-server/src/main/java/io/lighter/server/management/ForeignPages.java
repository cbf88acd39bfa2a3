package io.lighter.server.management;

import io.lighter.server.admin.DebugRoutes;
import io.lighter.server.config.ListenAddress;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps pages from elsewhere from using the browser of somebody who can reach the management
 * listener. Such a page can have its own name point here, and would be shown the answers; and it
 * can send a form here, with the operator's password if the browser has it, and would do what the
 * form says (Fetch Metadata, RFC 6454).
 */
final class ForeignPages {
  private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD);

  /** Our own page, or what is not a page at all: a bookmark, an address that was typed. */
  private static final Set<String> OWN = Set.of("same-origin", "none");

  private ForeignPages() {}

  /** Goes on with a request that no such page can have sent, and refuses the others. */
  static void keepOut(RoutingContext context) {
    HttpServerRequest request = context.request();
    if (isLoopback(request.localAddress().hostAddress()) && !namesLoopback(request.authority())) {
      Refusal.send(
          context,
          403,
          "on the loopback the Host has to be localhost or an address of the loopback");
    } else if (isFromElsewhere(request) && !isHarmless(context)) {
      Refusal.send(context, 403, "a page of another origin may not ask for this");
    } else {
      context.next();
    }
  }

  /** Reading is, for the answer is not shown to the page; but a debug page costs to make. */
  private static boolean isHarmless(RoutingContext context) {
    return READING.contains(context.request().method())
        && !context.normalizedPath().startsWith(DebugRoutes.INDEX);
  }

  private static boolean isFromElsewhere(HttpServerRequest request) {
    String site = request.getHeader("Sec-Fetch-Site");
    if (site != null) {
      return !OWN.contains(site);
    }
    // Older browsers do not say that, and no other client says this.
    String origin = request.getHeader("Origin");
    HostAndPort here = request.authority();
    return origin != null
        && (here == null || !origin.equals((request.isSSL() ? "https://" : "http://") + here));
  }

  private static boolean namesLoopback(@Nullable HostAndPort named) {
    if (named == null) {
      return false;
    }
    String host = named.host();
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    return isLoopback(bracketed ? host.substring(1, host.length() - 1) : host);
  }

  private static boolean isLoopback(@Nullable String address) {
    return address != null && new ListenAddress(address, 0).isLoopback();
  }
}
