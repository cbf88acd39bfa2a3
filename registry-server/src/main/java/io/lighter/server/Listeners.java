package io.lighter.server;

import io.lighter.server.admin.AdminRoutes;
import io.lighter.server.http.RegistryApi;
import io.lighter.server.http.RegistryVerticle;
import io.lighter.server.observe.RegistryMetrics;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The event loops and what listens on them: the registry API, one instance each, and management.
 */
final class Listeners implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);
  private static final int EVENT_LOOPS = Math.max(2, Runtime.getRuntime().availableProcessors());

  private final ServerConfig config;
  private final RegistryMetrics metrics;
  private final List<RegistryVerticle> registry = new ArrayList<>();
  private final Vertx vertx;
  private int managementPort;
  private volatile boolean ready;

  Listeners(ServerConfig config, RegistryMetrics metrics) {
    this.config = config;
    this.metrics = metrics;
    this.vertx =
        Vertx.builder()
            .with(
                new VertxOptions()
                    .setEventLoopPoolSize(EVENT_LOOPS)
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
   */
  void open(RegistryApi api, AdminRoutes admin) {
    ListenAddress manage = config.management().listen();
    var management = new ManagementVerticle(manage, metrics, admin, () -> ready);
    deploy(management, "management.listen", manage);
    managementPort = management.port();
    ListenAddress listen = config.http().listen();
    for (int i = 0; i < EVENT_LOOPS; i++) {
      var verticle = new RegistryVerticle(api, listen.host(), listen.port());
      deploy(verticle, "http.listen", listen);
      registry.add(verticle);
    }
    metrics.info("lighter.transport", "name", vertx.isNativeTransportEnabled() ? "epoll" : "nio");
    ready = true;
  }

  int registryPort() {
    return registry.getFirst().port();
  }

  int managementPort() {
    return managementPort;
  }

  private void deploy(Deployable verticle, String key, ListenAddress address) {
    try {
      vertx.deployVerticle(verticle).toCompletionStage().toCompletableFuture().join();
    } catch (CompletionException e) {
      throw new StartException(
          "%s: cannot listen on %s: %s".formatted(key, address, e.getCause()), e);
    }
  }

  /** Turns readiness off, lets requests under way finish, and closes the listeners. */
  @Override
  public void close() {
    ready = false;
    Duration patience = config.http().drain();
    var drained = new ArrayList<Future<Void>>();
    registry.forEach(verticle -> drained.add(verticle.drain(patience)));
    await(Future.join(drained), patience);
    await(vertx.close(), patience);
  }

  private static void await(Future<?> future, Duration patience) {
    try {
      future
          .toCompletionStage()
          .toCompletableFuture()
          .get(patience.toMillis() + 1000, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("listeners did not close in order", e);
    }
  }
}
