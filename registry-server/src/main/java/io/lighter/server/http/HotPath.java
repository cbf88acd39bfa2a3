package io.lighter.server.http;

import io.lighter.oci.Digest;
import io.lighter.server.access.Credentials;
import io.lighter.server.access.Rights;
import io.lighter.server.limit.Pace;
import io.lighter.server.limit.Requester;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Answers a request between the HTTP decoder and Vert.x, if that takes no waiting: reads of blobs
 * that are open, and of manifests that were read a moment ago. That spares the objects and the
 * bookkeeping of a request, which are half of what a small range costs, and lets its head and body
 * go out in one write. Every other request goes on to Vert.x, as does one that needs care: with a
 * body, with a header about the connection, or behind a request that is not answered yet.
 *
 * <p>One instance for each connection; event loop only.
 */
final class HotPath extends ChannelInboundHandlerAdapter implements RepeatedReads.Requests {
  /**
   * What is read at least at once, so that a head comes in one piece. What Netty guesses of itself
   * goes down to the length of the heads before, and cuts those that are a digit longer.
   */
  private static final int USUAL_HEAD = 2048;

  /** What is read at most at once, as Netty would have it. */
  private static final int MOST_AT_ONCE = 64 * 1024;

  private final RegistryApi api;
  private final RegistryVerticle.Settings settings;
  private final ConnectionGuard guard;

  /** What was decoded while an answer is on its way. Reading pauses, so it stays short. */
  private final Queue<Object> behind = new ArrayDeque<>();

  private @Nullable Transfer underWay;

  /** Where answers are written, once there was one. */
  private @Nullable ChannelHandlerContext out;

  /** The request that came last, if it was answered at once. */
  private @Nullable PlainRead answered;

  /** Of this handler, once it is in a pipeline. */
  private @Nullable ChannelHandlerContext here;

  /** Who sent the request before, and how he said so. */
  private @Nullable Rights lastRights;

  private String lastAuthorization = "";

  /** Whether the end of a request is still to come that was answered here. */
  private boolean endIsDue;

  private HotPath(RegistryApi api, RegistryVerticle.Settings settings, ConnectionGuard guard) {
    this.api = api;
    this.settings = settings;
    this.guard = guard;
  }

  /**
   * Puts itself in front of Vert.x, behind the guard of the connection, and what needs no decoding
   * in front of the decoder.
   */
  static void install(
      HttpConnection connection, RegistryApi api, RegistryVerticle.Settings settings) {
    var channel = ((ConnectionBase) connection).channel();
    channel
        .config()
        .setRecvByteBufAllocator(
            new AdaptiveRecvByteBufAllocator(USUAL_HEAD, USUAL_HEAD, MOST_AT_ONCE));
    var pipeline = channel.pipeline();
    var guard = ConnectionGuard.of(connection);
    var hotPath = new HotPath(api, settings, guard);
    pipeline.addBefore(pipeline.lastContext().name(), null, hotPath);
    pipeline.addBefore(
        pipeline.context(HttpRequestDecoder.class).name(), null, new RepeatedReads(hotPath));
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    here = context;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpRequest) {
      answered = null;
    }
    if (underWay == null) {
      handle(context, message);
    } else {
      behind.add(message);
      context.channel().config().setAutoRead(false);
    }
  }

  private void handle(ChannelHandlerContext context, Object message) {
    if (endIsDue && message instanceof HttpContent) {
      endIsDue = !(message instanceof LastHttpContent);
      ReferenceCountUtil.release(message);
    } else if (!(message instanceof HttpRequest request) || !answer(context, request)) {
      context.fireChannelRead(message);
    }
  }

  private boolean answer(ChannelHandlerContext context, HttpRequest request) {
    if (!guard.isOnlyRequest()
        || !guard.admitted()
        || guard.closing()
        || !(request.headers() instanceof MultiMap headers)) {
      return false;
    }
    PlainRead read = PlainRead.of(request, headers).orElse(null);
    Ready ready = read == null ? null : ready(read, read.selection());
    if (read == null || ready == null) {
      return false;
    }
    answered = read;
    endIsDue = !(request instanceof LastHttpContent);
    send(context, read, ready);
    return true;
  }

  @Override
  public long decoded() {
    return guard.decoded();
  }

  @Override
  public boolean isEndDecoded() {
    return guard.isEndDecoded();
  }

  @Override
  public @Nullable PlainRead answered() {
    return answered;
  }

  @Override
  public boolean answerAgain(PlainRead read, @Nullable String range) {
    ChannelHandlerContext context = here;
    if (context == null || underWay != null || !guard.isIdle() || guard.closing()) {
      return false;
    }
    Ready ready = ready(read, read.selection().range(range));
    if (ready == null) {
      return false;
    }
    guard.requestRepeated();
    send(context, read, ready);
    return true;
  }

  /** An answer that may go, and how fast. */
  private record Ready(Selection selection, HotContent.Hit hit, Pace pace) {}

  /** What is answered; null if that takes waiting, or has to be refused. */
  private @Nullable Ready ready(PlainRead read, Selection selection) {
    Rights rights = rights(read);
    if (rights == null) {
      return null;
    }
    Optional<String> namespace =
        api.settings().get().hosts().namespace(read.query(), read.headers());
    Optional<HotContent.Hit> hit;
    try {
      hit = api.hot().tryAnswer(read.isHead(), read.endpoint(), namespace, selection, rights);
    } catch (ProtocolException _) {
      return null; // It is refused where all others are.
    }
    if (hit.isEmpty()) {
      return null;
    }
    if (!api.traffic().limits().active()) {
      return new Ready(selection, hit.get(), Pace.FREE);
    }
    Requester requester =
        Traffic.requester(
            Optional.of(rights),
            settings.proxies().address(guard.peer(), read.headers()),
            read.endpoint(),
            namespace);
    if (!api.traffic().limits().tryAdmit(requester)) {
      hit.get().answer().discard();
      return null; // It is told so where all others are.
    }
    return new Ready(selection, hit.get(), api.traffic().pace(requester));
  }

  /**
   * What is known of whoever sends this. Who sends the same again over the same connection, as
   * nearly all do, is not looked up again.
   */
  private @Nullable Rights rights(PlainRead read) {
    Rights before = lastRights;
    if (before == null
        || !read.authorization().equals(lastAuthorization)
        || !api.access().isCurrent(before)) {
      lastAuthorization = read.authorization();
      lastRights =
          api.access()
              .known(new Credentials(lastAuthorization, guard.certificate(), guard.peer().host()))
              .orElse(null);
    }
    return lastRights;
  }

  private void send(ChannelHandlerContext context, PlainRead read, Ready ready) {
    var open =
        new OpenRequest(
            api,
            settings.proxies(),
            guard,
            read.method(),
            read.uri(),
            read.headers(),
            ready.selection().range());
    open.endpoint(read.endpoint());
    Answer answer = ready.hit().answer();
    Digest blob = ready.hit().blob();
    if (blob != null) {
      api.reads().begins(blob, answer);
    }
    var transfer =
        new Transfer(
            out(context),
            answer,
            (position, most) ->
                blob == null ? null : api.pins().find(blob, position, most, guard.peer().host()),
            api.budget(),
            ready.pace(),
            api.requests(),
            (failure, bytes) -> {
              api.reads().ended(answer, bytes, fromMemory());
              underWay = null;
              if (failure == null) {
                open.ended(answer.status(), bytes);
              } else {
                open.brokenOff(failure, bytes);
              }
              answerNext(context);
            });
    underWay = transfer;
    transfer.start();
  }

  /** Behind the encoder of Vert.x, which wants to know of nothing else. */
  private ChannelHandlerContext out(ChannelHandlerContext context) {
    ChannelHandlerContext known = out;
    if (known == null) {
      known = context.pipeline().context(HttpResponseEncoder.class);
      out = known;
    }
    return known;
  }

  private long fromMemory() {
    return underWay == null ? 0 : underWay.fromMemory();
  }

  private void answerNext(ChannelHandlerContext context) {
    if (!behind.isEmpty()) {
      // Not from here: this may be the end of a request that was behind another one.
      context.executor().execute(() -> goOn(context));
    }
  }

  private void goOn(ChannelHandlerContext context) {
    context.channel().config().setAutoRead(true);
    while (underWay == null && !behind.isEmpty()) {
      handle(context, behind.remove());
    }
    if (!behind.isEmpty()) {
      context.channel().config().setAutoRead(false);
    } else {
      context.fireChannelReadComplete();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (underWay != null) {
      underWay.clientGone();
    }
    behind.forEach(ReferenceCountUtil::release);
    behind.clear();
    context.fireChannelInactive();
  }
}
