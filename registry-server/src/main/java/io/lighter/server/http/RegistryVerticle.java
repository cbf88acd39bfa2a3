package io.lighter.server.http;

import io.lighter.server.access.Credentials;
import io.lighter.server.access.Rights;
import io.lighter.server.limit.LimitException;
import io.lighter.server.limit.Places;
import io.lighter.server.limit.Requester;
import io.lighter.server.observe.RequestRecord;
import io.lighter.server.tls.ListenerTls;
import io.lighter.server.trace.CurrentSpan;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * The registry's listener, one instance for each event loop. A request that can be answered from
 * what is open and known already was answered by {@link HotPath} before it comes here; every other
 * one goes to a virtual thread.
 */
public final class RegistryVerticle extends VerticleBase {
  private static final int KIB = 1024;

  private final RegistryApi api;
  private final Connections connections;
  private final Settings settings;
  private HttpServer server;

  /**
   * What a listener is started with.
   *
   * @param host address to listen on
   * @param port port to listen on; 0 is a free one that all instances share
   * @param bodyTimeout longest time between two pieces of a request's body
   * @param proxies who may say who the client is
   * @param tls what connections are encrypted with
   */
  public record Settings(
      String host,
      int port,
      Duration bodyTimeout,
      TrustedProxies proxies,
      Optional<ListenerTls> tls) {}

  /**
   * A listener.
   *
   * @param connections shared by all instances
   */
  @SuppressWarnings("NullAway.Init") // The server exists from start on.
  public RegistryVerticle(RegistryApi api, Connections connections, Settings settings) {
    this.api = api;
    this.connections = connections;
    this.settings = settings;
  }

  /** The port that is listened on. Valid once started. */
  public int port() {
    return server.actualPort();
  }

  /** Has new connections encrypted with other settings, those of all instances at this address. */
  public Future<?> updateTls(ServerSSLOptions options) {
    return server.updateSSLOptions(options);
  }

  @Override
  public Future<?> start() {
    server =
        vertx
            .createHttpServer(options())
            .connectionHandler(connection -> {
              connections.accept(connection);
              HotPath.install(connection, api, settings);
            })
            .invalidRequestHandler(this::receiveInvalid)
            .requestHandler(this::receive);
    LoopDelay.watch(vertx, api.traffic().load().loops());
    return server.listen(
        settings.port() == 0
            ? SocketAddress.sharedRandomPort(1, settings.host())
            : SocketAddress.inetSocketAddress(settings.port(), settings.host()));
  }

  private HttpServerOptions options() {
    HttpServerOptions options =
        new HttpServerOptions()
            // 1,024 ranges make a header of 20 KB; the default of 8 KiB answers 431, a hard
            // failure.
            .setMaxHeaderSize(64 * KIB)
            .setMaxInitialLineLength(16 * KIB)
            .setMaxChunkSize(64 * KIB)
            // Channels cannot be sent over HTTP/2, and blobs cost several times as much there.
            .setHttp2ClearTextEnabled(false)
            // Its handler keeps account of every request, and wants to see every answer.
            .setPerFrameWebSocketCompressionSupported(false)
            .setPerMessageWebSocketCompressionSupported(false)
            .setAcceptBacklog(1024);
    return settings.tls().map(tls -> tls.secure(options)).orElse(options);
  }

  private void receive(HttpServerRequest request) {
    ConnectionGuard guard = ConnectionGuard.of(request.connection());
    if (guard.closing()) {
      return; // It was sent behind a request whose answer ends the connection.
    }
    Exchange exchange = exchange(guard, request);
    if (!guard.admitted()) {
      exchange.write(ErrorAnswers.overloaded(exchange.id()).with("Connection", "close"));
      return;
    }
    Optional<ProtocolException> refusal =
        RequestCheck.refusal(request.method(), request.version(), request.headers());
    if (refusal.isPresent()) {
      exchange.refuse(refusal.get());
      return;
    }
    String path = Objects.requireNonNullElse(request.path(), "");
    OciPath.parse(path)
        .ifPresentOrElse(
            endpoint -> dispatch(exchange, request, endpoint),
            () -> exchange.refuse(RequestCheck.noEndpoint(request.method(), path)));
  }

  private void receiveInvalid(HttpServerRequest request) {
    ConnectionGuard guard = ConnectionGuard.of(request.connection());
    if (!guard.closing()) {
      exchange(guard, request).refuse(RequestCheck.undecodable(request.decoderResult().cause()));
    }
  }

  private Exchange exchange(ConnectionGuard guard, HttpServerRequest request) {
    return new Exchange(api, settings.proxies(), guard, context, request, settings.bodyTimeout());
  }

  private void dispatch(Exchange exchange, HttpServerRequest request, Endpoint endpoint) {
    var query = Query.parse(Objects.requireNonNullElse(request.query(), ""));
    RequestSettings held = api.settings().get();
    Optional<String> namespace = held.hosts().namespace(query, request.headers());
    exchange.endpoint(endpoint);
    if (api.draining()) {
      exchange.write(ErrorAnswers.stopping(exchange.id()).with("Connection", "close"));
      return;
    }
    var origin = origin(request);
    Requester requester =
        Traffic.requester(rights(request, origin), origin.address(), endpoint, namespace);
    Places.Place place;
    try {
      place = api.traffic().admit(requester, endpoint, request.method());
    } catch (LimitException e) {
      exchange.write(ErrorAnswers.of(exchange.id(), e));
      return;
    }
    exchange.pace(api.traffic().pace(requester));
    var registryRequest =
        new RegistryRequest(
            exchange.id(),
            request.method(),
            endpoint,
            query,
            namespace,
            request.headers(),
            origin,
            exchange.body());
    Runnable answering = () -> answer(exchange, registryRequest, held, requester, place);
    api.requests()
        .execute(
            exchange
                .span()
                .<Runnable>map(span -> () -> CurrentSpan.run(span, answering))
                .orElse(answering));
  }

  private Origin origin(HttpServerRequest request) {
    ConnectionGuard guard = ConnectionGuard.of(request.connection());
    return new Origin(
        settings.proxies().address(guard.peer(), request.headers()),
        request.isSSL(),
        guard.certificate());
  }

  /** What is known of the client without a look at a password. */
  private Optional<Rights> rights(HttpServerRequest request, Origin origin) {
    return api.access().active()
        ? api.access()
            .known(
                new Credentials(
                    Objects.requireNonNullElse(request.headers().get("Authorization"), ""),
                    origin.certificate(),
                    origin.address()))
        : Optional.empty();
  }

  /** On a virtual thread. */
  private void answer(
      Exchange exchange,
      RegistryRequest request,
      RequestSettings held,
      Requester requester,
      Places.Place place) {
    long takenUp = System.nanoTime();
    long waited = takenUp - exchange.startedAt();
    api.traffic().load().threads().record(waited);
    Answer answer;
    try (place) {
      answer =
          api.settings()
              .holding(held, () -> requester.call(() -> api.dispatcher().answer(request)));
      if (answer.isStored()) {
        api.latency().record(System.nanoTime() - exchange.startedAt());
      }
    } catch (ClientGoneException e) {
      var _ = EventLoopTurn.tryRun(context, _ -> exchange.clientGone());
      return;
    } catch (Throwable e) { // Whatever it is, the client gets an answer and the log the reason.
      answer = ErrorAnswers.of(exchange.id(), e);
    }
    Answer complete = answer;
    var timing = new RequestRecord.Timing(waited, System.nanoTime() - takenUp);
    boolean written =
        EventLoopTurn.tryRun(
            context,
            _ -> {
              exchange.timing(timing);
              exchange.write(complete);
            });
    if (!written) {
      complete.discard();
    }
  }
}
