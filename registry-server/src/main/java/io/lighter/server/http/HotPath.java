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
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.ArrayDeque;
import java.util.Objects;
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

  /** Who sent the request before, and how he said so. */
  private @Nullable Rights last;

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
        || !(request.headers() instanceof MultiMap headers)
        || !isPlainRead(request, headers)) {
      return false;
    }
    String uri = request.uri();
    int question = uri.indexOf('?');
    Optional<Endpoint> endpoint = OciPath.parse(question < 0 ? uri : uri.substring(0, question));
    if (endpoint.isEmpty()) {
      return false;
    }
    var query = Query.parse(question < 0 ? "" : uri.substring(question + 1));
    boolean head = request.method().equals(io.netty.handler.codec.http.HttpMethod.HEAD);
    Optional<Rights> rights = rights(headers);
    if (rights.isEmpty()) {
      return false;
    }
    Optional<String> namespace = api.settings().get().hosts().namespace(query, headers);
    Optional<HotContent.Hit> hit;
    try {
      hit = api.hot().tryAnswer(head, endpoint.get(), namespace, headers, rights.get());
    } catch (ProtocolException _) {
      return false; // It is refused where all others are.
    }
    if (hit.isEmpty()) {
      return false;
    }
    Pace pace = Pace.FREE;
    if (api.traffic().limits().active()) {
      Requester requester = Traffic.requester(rights, address(headers), endpoint.get(), namespace);
      if (!api.traffic().limits().tryAdmit(requester)) {
        hit.get().answer().discard();
        return false; // It is told so where all others are.
      }
      pace = api.traffic().pace(requester);
    }
    var open =
        new OpenRequest(api, settings.proxies(), guard, request.method().name(), uri, headers);
    open.endpoint(endpoint.get());
    endIsDue = !(request instanceof LastHttpContent);
    send(context, open, hit.get(), pace);
    return true;
  }

  private String address(MultiMap headers) {
    return settings.proxies().address(guard.peer(), headers.getAll("X-Forwarded-For"));
  }

  /**
   * What is known of whoever sends this. Who sends the same again over the same connection, as
   * nearly all do, is not looked up again.
   */
  private Optional<Rights> rights(MultiMap headers) {
    String authorization = Objects.requireNonNullElse(headers.get("Authorization"), "");
    Rights before = last;
    if (before != null
        && authorization.equals(lastAuthorization)
        && api.access().isCurrent(before)) {
      return Optional.of(before);
    }
    Optional<Rights> known =
        api.access().known(new Credentials(authorization, guard.certificate(), guard.host()));
    last = known.orElse(null);
    lastAuthorization = authorization;
    return known;
  }

  /**
   * Whether a request reads and says nothing that only Vert.x deals with. To change to another
   * protocol is an offer, and not taken there either (RFC 9110, section 7.8).
   */
  private static boolean isPlainRead(HttpRequest request, MultiMap headers) {
    var method = request.method();
    return request.decoderResult().isSuccess()
        && (method.equals(io.netty.handler.codec.http.HttpMethod.GET)
            || method.equals(io.netty.handler.codec.http.HttpMethod.HEAD))
        && request.protocolVersion().equals(io.netty.handler.codec.http.HttpVersion.HTTP_1_1)
        && request.uri().startsWith("/")
        && request.uri().indexOf('#') < 0
        && !RequestCheck.announcesBody(headers)
        && !headers.contains("Expect")
        && !request.headers().containsValue("Connection", "close", true)
        && RequestCheck.refusal(HttpMethod.GET, HttpVersion.HTTP_1_1, headers).isEmpty();
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
