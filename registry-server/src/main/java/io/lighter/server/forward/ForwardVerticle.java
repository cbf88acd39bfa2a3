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
 * takes them. While {@link Recognition} finds no registry there, new connections wait as long as
 * {@link Outage} says. All of it runs on one event loop.
 */
final class ForwardVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(ForwardVerticle.class);

  /** A node that is gone does not refuse. */
  private static final Duration CONNECT = Duration.ofSeconds(1);

  private static final int ACCEPT_BACKLOG = 1024;

  private final Settings settings;
  private final Outage outage;
  private final Deque<NetSocket> held = new ArrayDeque<>();
  private final Set<NetSocket> open = new HashSet<>();
  private boolean told;
  private NetServer server;
  private NetClient client;
  private Recognition recognition;

  /**
   * What is forwarded where.
   *
   * @param listen where clients come
   * @param target where they are led
   * @param tls whether the target speaks TLS
   * @param hold how long they wait for it from the beginning of its absence
   * @param maxConnections one more is closed at once
   */
  record Settings(
      ListenAddress listen, ListenAddress target, boolean tls, Duration hold, int maxConnections) {}

  @SuppressWarnings("NullAway.Init") // These exist from start on.
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
    recognition = new Recognition(vertx, settings.target(), settings.tls(), new Presence());
    // It is not known yet whether the target is there.
    outage.begin(System.nanoTime());
    recognition.ask();
    return server.listen(settings.listen().port(), settings.listen().host());
  }

  @Override
  public Future<?> stop() {
    recognition.close();
    return Future.succeededFuture();
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
        client
            .connect(settings.target().port(), settings.target().host())
            .onSuccess(to -> {
              if (open.contains(from)) {
                join(from, to);
              } else {
                to.close(); // The client did not wait for it.
              }
            })
            .onFailure(failure -> {
              outage.begin(System.nanoTime());
              tell(String.valueOf(failure.getMessage()));
              hold(from);
              recognition.ask();
            });
  }

  private void hold(NetSocket from) {
    if (open.contains(from) && outage.isYoung(System.nanoTime())) {
      held.add(from);
    } else {
      from.close();
    }
  }

  private void tell(String why) {
    if (!told) {
      told = true;
      LOG.warn("no registry takes connections at {}: {}", settings.target(), why);
    }
  }

  /** What its being there or not means for those who come. */
  private final class Presence implements Recognition.Listener {
    @Override
    public void recognised() {
      outage.end();
      if (told) {
        told = false;
        LOG.info("{} takes connections again, {} waited", settings.target(), held.size());
      }
      Deque<NetSocket> waited = new ArrayDeque<>(held);
      held.clear();
      waited.forEach(ForwardVerticle.this::lead);
    }

    @Override
    public void left() {
      outage.begin(System.nanoTime());
    }

    @Override
    public void failed(String why) {
      outage.begin(System.nanoTime());
      tell(why);
      if (!outage.isYoung(System.nanoTime())) {
        Deque<NetSocket> inVain = new ArrayDeque<>(held);
        held.clear();
        inVain.forEach(NetSocket::close);
      }
    }
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
