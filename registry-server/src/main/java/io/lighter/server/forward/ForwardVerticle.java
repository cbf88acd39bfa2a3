package io.lighter.server.forward;

import io.lighter.server.command.StartException;
import io.lighter.server.config.ListenAddress;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.transport.Transport;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forwards every connection to one target. Bytes are taken from one side only as fast as the other
 * takes them. While the target takes no connections one probe asks for it, and new connections wait
 * as long as {@link Outage} says. All of it runs on one event loop.
 */
final class ForwardVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(ForwardVerticle.class);

  /** A restart of the target is noticed this late at most. */
  private static final Duration PROBE = Duration.ofMillis(50);

  /** A node that is gone does not refuse. */
  private static final Duration CONNECT = Duration.ofSeconds(1);

  private static final int ACCEPT_BACKLOG = 1024;

  private final Settings settings;
  private final Outage outage;
  private final Deque<NetSocket> held = new ArrayDeque<>();
  private final Set<NetSocket> open = new HashSet<>();
  private boolean probing;
  private NetServer server;
  private NetClient client;

  /**
   * What is forwarded where.
   *
   * @param listen where clients come
   * @param target where they are led
   * @param hold how long they wait for it from the beginning of its absence
   * @param maxConnections one more is closed at once
   */
  record Settings(ListenAddress listen, ListenAddress target, Duration hold, int maxConnections) {}

  @SuppressWarnings("NullAway.Init") // Server and client exist from start on.
  ForwardVerticle(Settings settings) {
    this.settings = settings;
    this.outage = new Outage(settings.hold());
  }

  /**
   * What was opened.
   *
   * @param port the port that is listened on
   * @param end closes everything and waits for it
   */
  record Forwarding(int port, Runnable end) implements AutoCloseable {
    @Override
    public void close() {
      end.run();
    }
  }

  /**
   * Opens the listener.
   *
   * @throws StartException if its address cannot be listened on
   */
  static Forwarding open(Settings settings) {
    Vertx vertx =
        Vertx.builder()
            .with(
                new VertxOptions()
                    .setEventLoopPoolSize(1)
                    // Nothing is read from the class path, so no cache directory is needed.
                    .setFileSystemOptions(
                        new FileSystemOptions()
                            .setFileCachingEnabled(false)
                            .setClassPathResolvingEnabled(false)))
            .withTransport(Transport.EPOLL.available() ? Transport.EPOLL : Transport.NIO)
            .build();
    var verticle = new ForwardVerticle(settings);
    try {
      vertx.deployVerticle(verticle).toCompletionStage().toCompletableFuture().join();
    } catch (CompletionException e) {
      vertx.close().toCompletionStage().toCompletableFuture().join();
      throw StartException.cannotListen("--listen", settings.listen(), e);
    }
    return new Forwarding(
        verticle.server.actualPort(),
        () -> vertx.close().toCompletionStage().toCompletableFuture().join());
  }

  @Override
  public Future<?> start() {
    client =
        vertx.createNetClient(
            new NetClientOptions()
                .setConnectTimeout((int) CONNECT.toMillis())
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true));
    server =
        vertx
            .createNetServer(
                new NetServerOptions()
                    // The next version of a forwarder listens before this one ends.
                    .setReusePort(vertx.isNativeTransportEnabled())
                    .setTcpNoDelay(true)
                    .setTcpKeepAlive(true)
                    .setAcceptBacklog(ACCEPT_BACKLOG))
            .connectHandler(this::accept);
    return server.listen(settings.listen().port(), settings.listen().host());
  }

  private void accept(NetSocket from) {
    if (open.size() >= settings.maxConnections()) {
      from.close();
      return;
    }
    open.add(from);
    from.closeHandler(_ -> {
      open.remove(from);
      held.remove(from);
    });
    from.exceptionHandler(_ -> from.close());
    // Nothing is read before there is somebody to read it.
    from.pause();
    if (outage.isUnderWay()) {
      hold(from);
    } else {
      lead(from);
    }
  }

  private void lead(NetSocket from) {
    var _ =
        connect()
            .onSuccess(to -> {
              outage.over();
              if (open.contains(from)) {
                join(from, to);
              } else {
                to.close(); // The client did not wait for it.
              }
            })
            .onFailure(failure -> {
              if (!outage.isUnderWay()) {
                LOG.warn("{} takes no connections: {}", settings.target(), failure.getMessage());
              }
              outage.failed(System.nanoTime());
              hold(from);
              probeLater();
            });
  }

  private Future<NetSocket> connect() {
    return client.connect(settings.target().port(), settings.target().host());
  }

  private void hold(NetSocket from) {
    if (open.contains(from) && outage.isYoung(System.nanoTime())) {
      held.add(from);
    } else {
      from.close();
    }
  }

  private void probeLater() {
    if (!probing) {
      probing = true;
      vertx.setTimer(PROBE.toMillis(), _ -> probe());
    }
  }

  private void probe() {
    var _ =
        connect()
            .onSuccess(to -> {
              to.close();
              probing = false;
              outage.over();
              LOG.info("{} takes connections again, {} waited", settings.target(), held.size());
              Deque<NetSocket> waited = new ArrayDeque<>(held);
              held.clear();
              waited.forEach(this::lead);
            })
            .onFailure(_ -> {
              probing = false;
              if (!outage.isYoung(System.nanoTime())) {
                Deque<NetSocket> inVain = new ArrayDeque<>(held);
                held.clear();
                inVain.forEach(NetSocket::close);
              }
              probeLater();
            });
  }

  private static void join(NetSocket from, NetSocket to) {
    copy(from, to);
    copy(to, from);
    from.resume();
  }

  /** What the source sent before it ended is sent on before the destination is closed. */
  private static void copy(NetSocket source, NetSocket destination) {
    source.handler(data -> {
      var _ = destination.write(data);
      if (destination.writeQueueFull()) {
        source.pause();
        destination.drainHandler(_ -> source.resume());
      }
    });
    source.endHandler(_ -> destination.close());
    source.exceptionHandler(_ -> source.close());
  }
}
