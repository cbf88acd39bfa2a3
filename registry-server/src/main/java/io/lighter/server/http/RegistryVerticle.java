package io.lighter.server.http;

import io.lighter.server.observe.RequestRecord;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The registry's listener, one instance for each event loop. A request that can be answered from
 * what is open and known already is answered right here; every other one goes to a virtual thread.
 */
public final class RegistryVerticle extends VerticleBase {
  private static final int KIB = 1024;

  /** Logged for a client that left before its answer was out, as nginx does. */
  private static final int CLIENT_GONE = 499;

  private final RegistryApi api;
  private final String host;
  private final int port;
  private HttpServer server;

  /** A listener for {@code api}; port 0 is a free one that all instances share. */
  @SuppressWarnings("NullAway.Init") // The server exists from start on.
  public RegistryVerticle(RegistryApi api, String host, int port) {
    this.api = api;
    this.host = host;
    this.port = port;
  }

  /** The port that is listened on. Valid once started. */
  public int port() {
    return server.actualPort();
  }

  /** Stops accepting, lets requests under way finish for at most this long, then closes. */
  public Future<Void> drain(Duration patience) {
    return server.shutdown(patience);
  }

  @Override
  public Future<?> start() {
    server = vertx.createHttpServer(options()).requestHandler(this::receive);
    return server.listen(
        port == 0
            ? SocketAddress.sharedRandomPort(1, host)
            : SocketAddress.inetSocketAddress(port, host));
  }

  private static HttpServerOptions options() {
    return new HttpServerOptions()
        // 1,024 ranges make a header of 20 KB; the default of 8 KiB answers 431, a hard failure.
        .setMaxHeaderSize(64 * KIB)
        .setMaxInitialLineLength(16 * KIB)
        .setMaxChunkSize(64 * KIB)
        // Channels cannot be sent over HTTP/2, and blobs cost several times as much there.
        .setHttp2ClearTextEnabled(false)
        // Clients keep idle connections for 90 s and should be the ones who close them.
        .setIdleTimeout(180)
        .setHandle100ContinueAutomatically(true)
        .setAcceptBacklog(1024);
  }

  private void receive(HttpServerRequest request) {
    var exchange = new Exchange(context, request);
    Optional<Endpoint> endpoint = OciPath.parse(Objects.requireNonNullElse(request.path(), ""));
    if (endpoint.isEmpty()) {
      exchange.write(
          ErrorAnswers.of(exchange.id, Dispatcher.noEndpoint(String.valueOf(request.path()))));
      return;
    }
    var query = Query.parse(Objects.requireNonNullElse(request.query(), ""));
    exchange.endpoint = endpoint.get().getClass().getSimpleName();
    if (endpoint.get() instanceof Endpoint.Blob blob && isRead(request.method())) {
      Optional<Answer> hot = hot(exchange, request, blob, query);
      if (hot.isPresent()) {
        exchange.write(hot.get());
        return;
      }
    }
    if (!api.admission().tryAcquire()) {
      exchange.write(ErrorAnswers.overloaded(exchange.id));
      return;
    }
    var body = new RequestBody(context, request);
    var registryRequest =
        new RegistryRequest(
            exchange.id, request.method(), endpoint.get(), query, request.headers(), body);
    api.requests().execute(() -> answer(exchange, registryRequest));
  }

  private Optional<Answer> hot(
      Exchange exchange, HttpServerRequest request, Endpoint.Blob blob, Query query) {
    try {
      return api.hot()
          .tryAnswer(
              request.method(),
              blob,
              RegistryRequest.namespace(query, request.headers()),
              request.headers());
    } catch (ProtocolException e) {
      return Optional.of(ErrorAnswers.of(exchange.id, e));
    }
  }

  /** On a virtual thread. */
  private void answer(Exchange exchange, RegistryRequest request) {
    Answer answer;
    try {
      answer = api.dispatcher().answer(request);
    } catch (ClientGoneException e) {
      context.runOnContext(_ -> exchange.clientGone());
      return;
    } catch (Throwable e) { // Whatever it is, the client gets an answer and the log the reason.
      Answer error = ErrorAnswers.of(exchange.id, e);
      answer = request.isHead() ? error.withoutBody() : error;
    } finally {
      api.admission().release();
    }
    request.body().discardRest();
    Answer complete = answer;
    context.runOnContext(_ -> exchange.write(complete));
  }

  private static boolean isRead(HttpMethod method) {
    return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
  }

  /** A request and its answer, for as long as both take. Event loop only, except the id. */
  private final class Exchange {
    private final Context context;
    private final HttpServerRequest request;
    private final long startedAt = System.nanoTime();
    private final String id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    private String endpoint = "none";

    Exchange(Context context, HttpServerRequest request) {
      this.context = context;
      this.request = request;
    }

    void write(Answer answer) {
      api.responder()
          .write(context, request, answer)
          .onComplete(written -> done(written.succeeded() ? answer.status() : CLIENT_GONE));
    }

    void clientGone() {
      done(CLIENT_GONE);
    }

    private void done(int status) {
      api.log()
          .answered(
              new RequestRecord(
                  id,
                  String.valueOf(request.remoteAddress()),
                  request.method().name(),
                  request.uri(),
                  endpoint,
                  status,
                  request.response().bytesWritten(),
                  Duration.ofNanos(System.nanoTime() - startedAt),
                  Objects.requireNonNullElse(request.headers().get("User-Agent"), ""),
                  Objects.requireNonNullElse(request.headers().get("Range"), "")));
    }
  }
}
