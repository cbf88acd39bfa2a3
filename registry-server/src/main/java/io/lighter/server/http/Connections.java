package io.lighter.server.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The connections of a listener, counted over all event loops. Thread-safe.
 *
 * <p>A connection beyond the cap is answered 503 and closed, so that its client knows when to come
 * back; {@link #REFUSED_AT_ONCE} beyond the cap it is closed without a word.
 */
public final class Connections {
  private static final int REFUSED_AT_ONCE = 1024;

  private final int max;
  private final Duration headTimeout;
  private final Duration idleTimeout;
  private final AtomicInteger open = new AtomicInteger();
  private final Set<ConnectionGuard> guards = ConcurrentHashMap.newKeySet();

  /**
   * No connections yet.
   *
   * @param max most connections that are served at once
   * @param headTimeout longest time from the first byte of a request to the end of its headers
   * @param idleTimeout longest time without a byte in either direction
   */
  public Connections(int max, Duration headTimeout, Duration idleTimeout) {
    this.max = max;
    this.headTimeout = headTimeout;
    this.idleTimeout = idleTimeout;
  }

  /** Who the certificate names that a client has shown on a connection that was accepted here. */
  public static Optional<String> certificate(HttpConnection connection) {
    return ConnectionGuard.of(connection).certificate();
  }

  /** Takes a new connection into the count and under guard. On its event loop. */
  public void accept(HttpConnection connection) {
    int count = open.incrementAndGet();
    var guard = ConnectionGuard.install(connection, headTimeout, idleTimeout, count <= max);
    guards.add(guard);
    connection.closeHandler(_ -> {
      open.decrementAndGet();
      guards.remove(guard);
    });
    if (count > max + REFUSED_AT_ONCE) {
      guard.refuseFurther();
      connection.close();
    }
  }

  /**
   * A handler that does for simple listeners what the registry's own does: refuses requests of
   * connections beyond the cap, and tells the guard of the others.
   */
  public Handler<HttpServerRequest> guarding(Handler<HttpServerRequest> handler) {
    return request -> {
      ConnectionGuard guard = ConnectionGuard.of(request.connection());
      if (guard.closing()) {
        return;
      }
      guard.requestBegan();
      guard.whenBodyIsBroken(request.connection()::close);
      if (guard.admitted()) {
        request.response().endHandler(_ -> guard.requestEnded());
        handler.handle(request);
      } else {
        guard.refuseFurther();
        request
            .response()
            .setStatusCode(503)
            .putHeader("Connection", "close")
            .end()
            .onComplete(_ -> request.connection().close());
      }
    };
  }

  /** What is being answered, but for requests that came behind another and wait for it. */
  public List<RequestUnderWay> underWay() {
    return guards.stream()
        .flatMap(guard -> guard.underWay().stream())
        .map(OpenRequest::look)
        .toList();
  }

  /** Number of connections that are open. */
  public int open() {
    return open.get();
  }
}
