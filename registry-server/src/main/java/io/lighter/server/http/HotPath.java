package io.lighter.server.http;

import io.lighter.oci.Digest;
import io.lighter.server.access.Credentials;
import io.lighter.server.access.Rights;
import io.lighter.server.limit.Pace;
import io.lighter.server.limit.Requester;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
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
final class HotPath extends ChannelInboundHandlerAdapter {
  private final RegistryApi api;
  private final RegistryVerticle.Settings settings;
  private final ConnectionGuard guard;

  /** What was decoded while an answer is on its way. Reading pauses, so it stays short. */
  private final Queue<Object> behind = new ArrayDeque<>();

  private @Nullable Transfer underWay;

  /** Where answers are written, once there was one. */
  private @Nullable ChannelHandlerContext out;

  /** The request before, if it was one that could be answered here. */
  private @Nullable PlainRead last;

  /** Who sent it, and how he said so. */
  private @Nullable Rights lastRights;

  private String lastAuthorization = "";

  /** Whether the end of a request is still to come that was answered here. */
  private boolean endIsDue;

  private HotPath(RegistryApi api, RegistryVerticle.Settings settings, ConnectionGuard guard) {
    this.api = api;
    this.settings = settings;
    this.guard = guard;
  }

  /** Puts itself in front of Vert.x, behind the guard of the connection. */
  static void install(
      HttpConnection connection, RegistryApi api, RegistryVerticle.Settings settings) {
    var pipeline = ((ConnectionBase) connection).channel().pipeline();
    pipeline.addBefore(
        pipeline.lastContext().name(),
        null,
        new HotPath(api, settings, ConnectionGuard.of(connection)));
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
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
    PlainRead read = read(request, headers);
    Rights rights = read == null ? null : rights(read);
    if (read == null || rights == null) {
      return false;
    }
    Optional<String> namespace = api.settings().get().hosts().namespace(read.query(), headers);
    Optional<HotContent.Hit> hit;
    try {
      hit = api.hot().tryAnswer(read.isHead(), read.endpoint(), namespace, headers, rights);
    } catch (ProtocolException _) {
      return false; // It is refused where all others are.
    }
    if (hit.isEmpty()) {
      return false;
    }
    Pace pace = Pace.FREE;
    if (api.traffic().limits().active()) {
      Requester requester =
          Traffic.requester(Optional.of(rights), address(headers), read.endpoint(), namespace);
      if (!api.traffic().limits().tryAdmit(requester)) {
        hit.get().answer().discard();
        return false; // It is told so where all others are.
      }
      pace = api.traffic().pace(requester);
    }
    var open =
        new OpenRequest(
            api, settings.proxies(), guard, request.method().name(), read.uri(), headers);
    open.endpoint(read.endpoint());
    endIsDue = !(request instanceof LastHttpContent);
    send(context, open, hit.get(), pace);
    return true;
  }

  private String address(MultiMap headers) {
    return settings.proxies().address(guard.peer(), headers.getAll("X-Forwarded-For"));
  }

  private @Nullable PlainRead read(HttpRequest request, MultiMap headers) {
    PlainRead before = last;
    if (before == null || !before.isRepeatedBy(request)) {
      last = PlainRead.of(request, headers).orElse(null);
    }
    return last;
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
              .known(new Credentials(lastAuthorization, guard.certificate(), guard.host()))
              .orElse(null);
    }
    return lastRights;
  }

  private void send(
      ChannelHandlerContext context, OpenRequest open, HotContent.Hit hit, Pace pace) {
    Answer answer = hit.answer();
    Digest blob = hit.blob();
    if (blob != null) {
      api.reads().begins(blob, answer);
    }
    var transfer =
        new Transfer(
            out(context),
            answer,
            (position, most) ->
                blob == null ? null : api.pins().find(blob, position, most, guard.host()),
            api.budget(),
            pace,
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
