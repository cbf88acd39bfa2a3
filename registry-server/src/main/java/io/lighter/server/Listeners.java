package io.lighter.server;

import io.lighter.server.admin.AdminRoutes;
import io.lighter.server.admin.DebugRoutes;
import io.lighter.server.admin.ViewRoutes;
import io.lighter.server.command.StartException;
import io.lighter.server.config.ListenAddress;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.config.TlsConfig;
import io.lighter.server.http.Connections;
import io.lighter.server.http.RegistryApi;
import io.lighter.server.http.RegistryVerticle;
import io.lighter.server.http.RequestUnderWay;
import io.lighter.server.http.TrustedProxies;
import io.lighter.server.management.ManagementGate;
import io.lighter.server.management.ManagementVerticle;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.server.tls.ListenerTls;
import io.lighter.server.watch.FileWatch;
import io.vertx.core.Deployable;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.transport.Transport;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The event loops and what listens on them: the registry API, one instance each, and management.
 */
final class Listeners implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  private final ServerConfig config;
  private final RegistryMetrics metrics;
  private final FileWatch files;
  private final Clock clock;
  private final Connections connections;
  private final int eventLoops;
  private final List<RegistryVerticle> registry = new ArrayList<>();
  private final CompletableFuture<Vertx> vertx;
  private int managementPort;
  private volatile boolean ready;
  private @Nullable RegistryApi api;

  Listeners(ServerConfig config, RegistryMetrics metrics, FileWatch files, Clock clock) {
    this.config = config;
    this.metrics = metrics;
    this.files = files;
    this.clock = clock;
    this.connections =
        new Connections(
            config.http().maxConnections(),
            config.http().headerTimeout(),
            config.http().idleTimeout());
    this.eventLoops =
        config.http().eventLoops() > 0
            ? config.http().eventLoops()
            : Math.max(2, Runtime.getRuntime().availableProcessors());
    // The store is opened meanwhile, which takes another core.
    this.vertx = CompletableFuture.supplyAsync(() -> eventLoops(eventLoops));
  }

  private static Vertx eventLoops(int number) {
    return Vertx.builder()
        .with(
            new VertxOptions()
                .setEventLoopPoolSize(number)
                // Nothing is read from the class path, so no cache directory is needed.
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setFileCachingEnabled(false)
                        .setClassPathResolvingEnabled(false)))
        // Never io_uring: its sendFile answers wrong bytes beyond 2 GiB on this Netty.
        .withTransport(Transport.EPOLL.available() ? Transport.EPOLL : Transport.NIO)
        .build();
  }

  /**
   * Opens the listeners.
   *
   * @throws StartException if an address cannot be listened on
   * @throws io.lighter.server.tls.TlsException if there is something wrong with a certificate
   */
  void open(
      RegistryApi api,
      AdminRoutes admin,
      ViewRoutes views,
      Optional<DebugRoutes> debug,
      Optional<ManagementGate> gate) {
    this.api = api;
    ListenAddress manage = config.management().listen();
    Optional<ListenerTls> managementTls = tls("management.tls", config.management().tls());
    Optional<ListenerTls> registryTls = tls("http.tls", config.http().tls());
    var management =
        new ManagementVerticle(
            manage, metrics, admin, views, debug, () -> ready, managementTls, gate);
    deploy(management, "management.listen", manage);
    managementPort = management.port();
    managementTls.ifPresent(own -> own.follow(files, management::updateTls));
    ListenAddress listen = config.http().listen();
    var settings =
        new RegistryVerticle.Settings(
            listen.host(),
            listen.port(),
            config.http().bodyTimeout(),
            TrustedProxies.parse(config.http().trustedProxies()),
            registryTls);
    for (int i = 0; i < eventLoops; i++) {
      var verticle = new RegistryVerticle(api, connections, settings);
      deploy(verticle, "http.listen", listen);
      registry.add(verticle);
    }
    registryTls.ifPresent(own -> own.follow(files, registry.getFirst()::updateTls));
    metrics.gauge("lighter.connections", "Connections to the registry API", connections::open);
    metrics.info(
        "lighter.transport",
        "How sockets are served",
        "name",
        vertx.join().isNativeTransportEnabled() ? "epoll" : "nio");
    ready = true;
  }

  private Optional<ListenerTls> tls(String section, TlsConfig settings) {
    Optional<ListenerTls> loaded = settings.files().map(of -> ListenerTls.load(section, of, clock));
    loaded.ifPresent(
        own -> metrics.certificate(section.substring(0, section.indexOf('.')), own::expires));
    return loaded;
  }

  /** What the registry is answering now. */
  List<RequestUnderWay> underWay() {
    return connections.underWay();
  }

  int registryPort() {
    return registry.getFirst().port();
  }

  int managementPort() {
    return managementPort;
  }

  private void deploy(Deployable verticle, String key, ListenAddress address) {
    Vertx loops = vertx.join();
    try {
      loops.deployVerticle(verticle).toCompletionStage().toCompletableFuture().join();
    } catch (CompletionException e) {
      throw StartException.cannotListen(key, address, e);
    }
  }

  /** Turns readiness off, lets requests under way finish, and closes the listeners. */
  @Override
  public void close() {
    ready = false;
    if (api != null) {
      api.drain(config.http().drain());
    }
    try {
      vertx
          .join()
          .close()
          .toCompletionStage()
          .toCompletableFuture()
          .get(CLOSE_WAIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("listeners did not close in order", e);
    }
  }
}
