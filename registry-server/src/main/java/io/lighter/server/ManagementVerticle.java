package io.lighter.server;

import io.lighter.server.admin.AdminRoutes;
import io.lighter.server.config.ListenAddress;
import io.lighter.server.http.Connections;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.server.tls.ListenerTls;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * The management listener: {@code /health/live}, {@code /health/ready}, {@code /metrics} and the
 * admin API. For operators and probes only; nothing of the registry API is here.
 */
final class ManagementVerticle extends VerticleBase {
  private static final int MAX_CONNECTIONS = 256;
  private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(2);
  private static final Duration HEAD_TIMEOUT = Duration.ofSeconds(30);

  private final ListenAddress address;
  private final RegistryMetrics metrics;
  private final AdminRoutes admin;
  private final BooleanSupplier ready;
  private final Optional<ListenerTls> tls;
  private HttpServer server;

  @SuppressWarnings("NullAway.Init") // The server exists from start on.
  ManagementVerticle(
      ListenAddress address,
      RegistryMetrics metrics,
      AdminRoutes admin,
      BooleanSupplier ready,
      Optional<ListenerTls> tls) {
    this.address = address;
    this.metrics = metrics;
    this.admin = admin;
    this.ready = ready;
    this.tls = tls;
  }

  /** The port that is listened on. Valid once started. */
  int port() {
    return server.actualPort();
  }

  @Override
  public Future<?> start() {
    Router router = Router.router(vertx);
    router.get("/health/live").handler(context -> context.end("live\n"));
    router
        .get("/health/ready")
        .handler(context -> {
          boolean up = ready.getAsBoolean();
          context.response().setStatusCode(up ? 200 : 503);
          context.end(up ? "ready\n" : "not ready\n");
        });
    if (tls.filter(ListenerTls::asksClients).isPresent()) {
      router.route().handler(ManagementVerticle::requireCertificate);
    }
    router
        .get("/metrics")
        .handler(context -> {
          context.response().putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
          context.end(metrics.scrape());
        });
    admin.mount(router);
    var connections = new Connections(MAX_CONNECTIONS, HEAD_TIMEOUT, IDLE_TIMEOUT);
    server =
        vertx
            .createHttpServer(
                tls.map(own -> own.secure(new HttpServerOptions()))
                    .orElseGet(HttpServerOptions::new))
            .connectionHandler(connections::accept)
            .requestHandler(connections.guarding(router));
    return server.listen(address.port(), address.host());
  }

  /** Has new connections encrypted with other settings. */
  Future<?> updateTls(ServerSSLOptions options) {
    return server.updateSSLOptions(options);
  }

  /** Probes have no certificate, and learn nothing but whether the server is up. */
  private static void requireCertificate(RoutingContext context) {
    try {
      var _ = context.request().connection().peerCertificates();
      context.next();
    } catch (SSLPeerUnverifiedException _) {
      context
          .response()
          .setStatusCode(403)
          .putHeader("Content-Type", "application/json")
          .end(
              "{\"error\":\"this needs a client certificate of one of management.tls.clientAuthorities\"}\n");
    }
  }
}
