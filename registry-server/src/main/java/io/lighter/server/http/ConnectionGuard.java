package io.lighter.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Watches one HTTP/1 connection from below the HTTP decoder, for what Vert.x has no setting for.
 * Event loop only.
 *
 * <ul>
 *   <li>A connection on which nothing moves in either direction is closed. Vert.x could do that,
 *       but does not see what {@link HotPath} writes.
 *   <li>The head of a request must be complete some time after its first byte. Vert.x knows only an
 *       idle timeout, which one byte now and then holds off for ever.
 *   <li>After an answer that closes the connection, the client may still be sending. Closing a
 *       socket with unread bytes resets it, and the reset destroys the answer on its way. So only
 *       the sending half is closed, and what still comes is thrown away, up to a bound.
 *   <li>Vert.x closes a connection, and takes no answer any more, as soon as it sees a body whose
 *       coding is broken. So it does not see it: the request is told instead, and answers.
 * </ul>
 */
final class ConnectionGuard extends ChannelDuplexHandler {

  /** Most bytes that are thrown away so that a client can read why it should not send them. */
  static final long DRAIN_BYTES = 64 << 20;

  /** Longest time that this takes. */
  static final Duration DRAIN_TIME = Duration.ofSeconds(5);

  private final Duration headTimeout;
  private final boolean admitted;
  private final Peer peer;
  private final Optional<String> certificate;
  private boolean closing;
  private boolean lingering;
  private long swallowed;
  private @Nullable ScheduledFuture<?> headTimer;

  // Requests are numbered from 1, because several may have come before the first is handled.
  private long decoded;
  private boolean endDecoded;
  private long began;
  private long ended;
  private long broken;
  private @Nullable Runnable whenBroken;

  /** The request that began last, until it is answered. Written on the event loop. */
  private volatile @Nullable OpenRequest underWay;

  private ConnectionGuard(
      Duration headTimeout, boolean admitted, Peer peer, Optional<String> certificate) {
    this.headTimeout = headTimeout;
    this.admitted = admitted;
    this.peer = peer;
    this.certificate = certificate;
  }

  /**
   * Begins to watch a new connection.
   *
   * @param admitted whether it is one of those that the listener may have
   */
  static ConnectionGuard install(
      HttpConnection connection, Duration headTimeout, Duration idleTimeout, boolean admitted) {
    ChannelPipeline pipeline = ((ConnectionBase) connection).channel().pipeline();
    var guard =
        new ConnectionGuard(
            headTimeout,
            admitted,
            Peer.of(connection.remoteAddress()),
            subject(pipeline.get(SslHandler.class)));
    pipeline.addFirst(guard);
    // In front of everything, so that it sees whatever is written, by Vert.x or not.
    pipeline.addFirst(
        new IdleStateHandler(true, 0, 0, idleTimeout.toMillis(), TimeUnit.MILLISECONDS));
    pipeline.addBefore(pipeline.lastContext().name(), null, guard.new DecodedBodies());
    return guard;
  }

  /** Who the certificate names that the client has shown (RFC 2253), if it has. */
  private static Optional<String> subject(@Nullable SslHandler tls) {
    if (tls == null || !tls.engine().getWantClientAuth()) {
      return Optional.empty();
    }
    try {
      return tls.engine().getSession().getPeerCertificates()[0] instanceof X509Certificate shown
          ? Optional.of(shown.getSubjectX500Principal().getName())
          : Optional.empty();
    } catch (SSLPeerUnverifiedException _) {
      return Optional.empty();
    }
  }

  /** The guard of a connection that has one. */
  static ConnectionGuard of(HttpConnection connection) {
    return ((ConnectionBase) connection).channel().pipeline().get(ConnectionGuard.class);
  }

  boolean admitted() {
    return admitted;
  }

  /** Who connected. */
  Peer peer() {
    return peer;
  }

  /** Who the certificate names that the client has shown, if it has. */
  Optional<String> certificate() {
    return certificate;
  }

  /** Whether all requests are answered but the one that was decoded last. */
  boolean isOnlyRequest() {
    return decoded == ended + 1;
  }

  /** Whether every request is answered that came. */
  boolean isIdle() {
    return decoded == ended;
  }

  /** How many requests came. */
  long decoded() {
    return decoded;
  }

  /** Whether the decoder has come to the end of a request, and to nothing behind it. */
  boolean isEndDecoded() {
    return endDecoded;
  }

  /** A request came that need not be decoded. */
  void requestRepeated() {
    decoded++;
  }

  /** Whether an answer has gone out that ends the connection: nothing behind it is a request. */
  boolean closing() {
    return closing;
  }

  /** The head of a request is complete. */
  void requestBegan() {
    began++;
    whenBroken = null;
    disarm();
  }

  /**
   * Says what is done if the body of the request that began last turns out to be broken, or has
   * done so. The connection has to be closed after the answer: nobody knows where the next request
   * would begin.
   */
  void whenBodyIsBroken(Runnable told) {
    whenBroken = told;
    tellOfBrokenBody();
  }

  private void tellOfBrokenBody() {
    if (broken == began && whenBroken != null) {
      whenBroken.run();
    }
  }

  /** The same of a request that can be looked at. */
  void requestBegan(OpenRequest request) {
    requestBegan();
    underWay = request;
  }

  /** What is being answered, if anything is. From any thread. */
  Optional<OpenRequest> underWay() {
    return Optional.ofNullable(underWay);
  }

  /** A request is answered. */
  void requestEnded() {
    underWay = null;
    ended++;
  }

  /** From here on everything that comes is thrown away. Whoever calls this closes later. */
  void refuseFurther() {
    closing = true;
    disarm();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    if (!admitted) {
      arm(context); // It is to hear that it is one too many, and not to stay for that.
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (closing) {
      swallow(context, message);
      return;
    }
    long before = began;
    context.fireChannelRead(message);
    // What came may be a whole request, answered by now; then nobody has to wait for its head.
    if (began == before && began == ended && context.channel().isActive()) {
      arm(context);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof IdleStateEvent) {
      closeNow(context);
    } else {
      context.fireUserEventTriggered(event);
    }
  }

  private void swallow(ChannelHandlerContext context, Object message) {
    swallowed += message instanceof ByteBuf bytes ? bytes.readableBytes() : 0;
    ReferenceCountUtil.release(message);
    if (lingering && swallowed > DRAIN_BYTES) {
      closeNow(context);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    disarm();
    context.fireChannelInactive();
  }

  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) {
    if (!closing || !canLinger(context)) {
      var _ = context.close(promise);
      return;
    }
    context.channel().closeFuture().addListener(_ -> promise.trySuccess());
    if (!lingering) {
      lingering = true;
      var _ = ((DuplexChannel) context.channel()).shutdownOutput();
      context.channel().config().setAutoRead(true);
      var end =
          context
              .executor()
              .schedule(() -> closeNow(context), DRAIN_TIME.toMillis(), TimeUnit.MILLISECONDS);
      context.channel().closeFuture().addListener(_ -> end.cancel(false));
    }
  }

  private static boolean canLinger(ChannelHandlerContext context) {
    return context.channel() instanceof DuplexChannel channel && channel.isActive();
  }

  private void arm(ChannelHandlerContext context) {
    if (headTimer == null) {
      headTimer =
          context
              .executor()
              .schedule(() -> closeNow(context), headTimeout.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void disarm() {
    if (headTimer != null) {
      headTimer.cancel(false);
      headTimer = null;
    }
  }

  private static void closeNow(ChannelHandlerContext context) {
    var _ = context.close();
  }

  /** Sees what the decoder has made of the bytes, just before Vert.x does. */
  private final class DecodedBodies extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      endDecoded = message instanceof LastHttpContent;
      if (message instanceof HttpRequest) {
        decoded++;
      } else if (message instanceof HttpContent content && content.decoderResult().isFailure()) {
        content.release();
        broken = decoded;
        tellOfBrokenBody();
        return;
      }
      context.fireChannelRead(message);
    }
  }
}
