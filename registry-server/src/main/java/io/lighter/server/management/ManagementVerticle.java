package io.lighter.server.management;

import io.lighter.server.admin.AdminRoutes;
import io.lighter.server.admin.DebugRoutes;
import io.lighter.server.admin.ViewRoutes;
import io.lighter.server.config.ListenAddress;
import io.lighter.server.http.Connections;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.server.page.PageFile;
import io.lighter.server.tls.ListenerTls;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * The management listener: {@code /health/live}, {@code /health/ready}, {@code /metrics}, the admin
 * API, the page that is made of it, and the debug pages. For operators and probes only; nothing of
 * the registry API is here. Health is for everybody who can connect, metrics for who has a
 * certificate if that is asked for, the rest for whom the gate admits.
 */
public final class ManagementVerticle extends VerticleBase {
  private static final int MAX_CONNECTIONS = 256;

  /** Longer than the longest recording of {@code /debug/jfr}, which is sent when it is over. */
  private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(6);

  private static final Duration HEAD_TIMEOUT = Duration.ofSeconds(30);

  private final ListenAddress address;
  private final RegistryMetrics metrics;
  private final AdminRoutes admin;
  private final ViewRoutes views;
  private final Optional<DebugRoutes> debug;
  private final BooleanSupplier ready;
  private final Optional<ListenerTls> tls;
  private final Optional<ManagementGate> gate;
  private HttpServer server;

  @SuppressWarnings("NullAway.Init") // The server exists from start on.
  public ManagementVerticle(
      ListenAddress address,
      RegistryMetrics metrics,
      AdminRoutes admin,
      ViewRoutes views,
      Optional<DebugRoutes> debug,
      BooleanSupplier ready,
      Optional<ListenerTls> tls,
      Optional<ManagementGate> gate) {
    this.address = address;
    this.metrics = metrics;
    this.admin = admin;
    this.views = views;
    this.debug = debug;
    this.ready = ready;
    this.tls = tls;
    this.gate = gate;
  }

  /** The port that is listened on. Valid once started. */
  public int port() {
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
    router.route().handler(ForeignPages::keepOut);
    if (tls.filter(ListenerTls::asksClients).isPresent()) {
      router.route().handler(ManagementVerticle::requireCertificate);
    }
    router
        .get("/metrics")
        .handler(context ->
            // Some of it is asked of the store and its disk.
            vertx
                .executeBlocking(metrics::scrape, false)
                .onFailure(context::fail)
                .onSuccess(text -> {
                  context
                      .response()
                      .putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
                  context.end(text);
                }));
    gate.ifPresent(own -> router.route().handler(own::admit));
    admin.mount(router);
    views.mount(router);
    debug.ifPresent(pages -> pages.mount(router));
    mountPage(router);
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

  private static void mountPage(Router router) {
    router.get("/").handler(context -> context.redirect(PageFile.PREFIX));
    for (PageFile file : PageFile.all()) {
      Buffer content = Buffer.buffer(file.content());
      if (file.path().equals(PageFile.INDEX)) {
        router.get(PageFile.PREFIX).handler(context -> index(context, file, content));
      } else {
        router
            .get(PageFile.PREFIX + file.path())
            .handler(context -> answer(context, file, content));
      }
    }
  }

  /**
   * The router takes the path without its last slash for the same; to relative addresses it is not.
   */
  private static void index(RoutingContext context, PageFile file, Buffer content) {
    if (context.request().path().endsWith("/")) {
      answer(context, file, content);
    } else {
      context.redirect(PageFile.PREFIX);
    }
  }

  private static void answer(RoutingContext context, PageFile file, Buffer content) {
    HttpServerResponse response =
        context
            .response()
            .putHeader("Cache-Control", "no-cache")
            .putHeader("ETag", file.etag())
            .putHeader("X-Content-Type-Options", "nosniff");
    if (file.etag().equals(context.request().getHeader("If-None-Match"))) {
      response.setStatusCode(304).end();
    } else {
      response
          .putHeader("Content-Type", file.type())
          .putHeader("Content-Security-Policy", PageFile.POLICY)
          .putHeader("Referrer-Policy", "no-referrer")
          .end(content);
    }
  }

  /** Has new connections encrypted with other settings. */
  public Future<?> updateTls(ServerSSLOptions options) {
    return server.updateSSLOptions(options);
  }

  /** Probes have no certificate, and learn nothing but whether the server is up. */
  private static void requireCertificate(RoutingContext context) {
    try {
      var _ = context.request().connection().peerCertificates();
      context.next();
    } catch (SSLPeerUnverifiedException _) {
      Refusal.send(
          context,
          403,
          "this needs a client certificate of one of management.tls.clientAuthorities");
    }
  }
}
