package io.lighter.bench.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** The thread that sends all requests and judges all answers. */
public final class LoadGenerator implements AutoCloseable {
  private static final int CONNECT_MILLIS = 5000;
  private static final int SMALLEST_READ = 2 << 10;
  private static final int FIRST_READ = 32 << 10;
  private static final int LARGEST_READ = 256 << 10;

  private final MultiThreadIoEventLoopGroup group;
  private final EventLoop loop;
  private final Class<? extends SocketChannel> channels;
  private final boolean insecure;
  private final List<Wire> wires = new ArrayList<>();
  private final long timeout;

  /**
   * Starts the thread.
   *
   * @param timeout how long an exchange may take
   * @param insecure whether certificates are left unchecked
   */
  public LoadGenerator(Duration timeout, boolean insecure) {
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory transport = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    this.channels = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
    this.timeout = timeout.toNanos();
    this.insecure = insecure;
    this.group = new MultiThreadIoEventLoopGroup(1, transport);
    this.loop = group.next();
    long sweep = Math.max(10, Math.min(250, timeout.toMillis() / 4));
    var _ = loop.scheduleAtFixedRate(this::expire, sweep, sweep, TimeUnit.MILLISECONDS);
  }

  private SslContext tls() {
    var context = SslContextBuilder.forClient();
    if (insecure) {
      context
          .trustManager(InsecureTrustManagerFactory.INSTANCE)
          .endpointIdentificationAlgorithm(null);
    }
    try {
      return context.build();
    } catch (SSLException e) {
      throw new BenchException("TLS is not available: " + e.getMessage(), e);
    }
  }

  private void expire() {
    long begunBefore = System.nanoTime() - timeout;
    List.copyOf(wires).forEach(wire -> wire.expire(begunBefore));
  }

  /** Has something done in the thread of the generator. */
  public void execute(Runnable task) {
    loop.execute(task);
  }

  /** Has something done in the thread of the generator, later. */
  public void schedule(Runnable task, Duration delay) {
    var _ = loop.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** A wire that is not connected yet. In the thread of the generator only. */
  public Wire open(Target target) {
    var bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(channels)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(SMALLEST_READ, FIRST_READ, LARGEST_READ));
    if (target.tls()) {
      bootstrap.attr(AnswerReader.TLS, tls());
    }
    var wire = new Wire(bootstrap, target);
    wires.add(wire);
    return wire;
  }

  /** Closes a wire for good. In the thread of the generator only. */
  public void close(Wire wire) {
    wires.remove(wire);
    wire.close();
  }

  /**
   * Makes one exchange on a connection of its own, and waits for it.
   *
   * @throws BenchException if there is no complete answer; its status is the caller's matter
   */
  public Collected ask(Target target, Call call, Collected answer) {
    var ended = new CompletableFuture<Outcome>();
    execute(() -> {
      Wire wire = open(target);
      wire.send(
          call,
          (_, outcome) -> {
            close(wire);
            ended.complete(outcome);
          });
    });
    Outcome outcome = await(ended);
    outcome
        .failure()
        .ifPresent(failure -> {
          throw new BenchException(
              "%s %s at %s:%d: %s (%s)"
                  .formatted(
                      call.method(),
                      call.path(),
                      target.host(),
                      target.port(),
                      failure.kind().text(),
                      failure.detail()));
        });
    return answer;
  }

  /** Makes one exchange without headers and body of its own. */
  public Collected ask(Target target, String method, String path) {
    var answer = new Collected();
    return ask(target, Call.of(method, path, answer), answer);
  }

  /** Waits for something that happens in the thread of the generator. */
  public static <T> T await(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof BenchException known ? known : e;
    }
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
