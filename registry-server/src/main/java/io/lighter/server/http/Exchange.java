package io.lighter.server.http;

import io.lighter.server.observe.RequestRecord;
import io.vertx.core.Context;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A request and its answer, for as long as both take: writes the answer, sees to the part of the
 * body that nobody wanted, and tells the log. Event loop only, except {@link #id} and {@link
 * #startedAt}.
 */
final class Exchange {
  /** Logged for a client that left before its answer was out, as nginx does. */
  private static final int CLIENT_GONE = 499;

  /** Logged for a body that was broken off here, whatever status it began with. */
  private static final int BROKEN_OFF = 500;

  private final RegistryApi api;
  private final TrustedProxies proxies;
  private final ConnectionGuard guard;
  private final Context context;
  private final HttpServerRequest request;
  private final Duration bodyTimeout;
  private final long startedAt = System.nanoTime();
  private final String id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  private String endpoint = "none";
  private @Nullable RequestBody body;

  Exchange(
      RegistryApi api,
      TrustedProxies proxies,
      ConnectionGuard guard,
      Context context,
      HttpServerRequest request,
      Duration bodyTimeout) {
    this.api = api;
    this.proxies = proxies;
    this.guard = guard;
    this.context = context;
    this.request = request;
    this.bodyTimeout = bodyTimeout;
    guard.requestBegan();
    api.underWay().began();
  }

  /** When the request arrived, as {@link System#nanoTime}. */
  long startedAt() {
    return startedAt;
  }

  /** Names the request in logs and answers. */
  String id() {
    return id;
  }

  void endpoint(Endpoint found) {
    endpoint = found.getClass().getSimpleName();
  }

  /** The body of the request, which is read by somebody else from here on. */
  RequestBody body() {
    var taken = new RequestBody(context, request, bodyTimeout, api.budget());
    body = taken;
    return taken;
  }

  /** Writes an error and ends the exchange. */
  void refuse(ProtocolException refusal) {
    write(ErrorAnswers.of(id, refusal));
  }

  /** Writes the answer and ends the exchange. */
  void write(Answer answer) {
    Answer complete = request.method().equals(HttpMethod.HEAD) ? answer.withoutBody() : answer;
    RequestBody rest =
        body == null && RequestCheck.announcesBody(request.headers()) ? body() : body;
    boolean close = complete.closesConnection();
    if (!close && rest != null && rest.isTooMuchToDiscard()) {
      close = true;
      complete = complete.with("Connection", "close");
    }
    if (close) {
      guard.refuseFurther();
    } else if (rest != null) {
      rest.discardRest();
    }
    boolean last = close;
    api.responder()
        .write(context, request, complete)
        .onComplete(written -> {
          if (last) {
            request.connection().close();
          }
          done(written.succeeded() ? answer.status() : failed(written.cause()));
        });
  }

  private static int failed(Throwable cause) {
    return cause instanceof ClientGoneException || cause instanceof IOException
        ? CLIENT_GONE
        : BROKEN_OFF;
  }

  /** Ends the exchange without an answer: nobody is there to read it. */
  void clientGone() {
    done(CLIENT_GONE);
  }

  private void done(int status) {
    guard.requestEnded();
    api.underWay().ended();
    if (body != null) {
      body.release();
    }
    api.log()
        .answered(
            new RequestRecord(
                id,
                proxies.client(
                    request.remoteAddress(), request.headers().getAll("X-Forwarded-For")),
                request.method().name(),
                String.valueOf(request.uri()),
                endpoint,
                status,
                request.response().bytesWritten(),
                Duration.ofNanos(System.nanoTime() - startedAt),
                Objects.requireNonNullElse(request.headers().get("User-Agent"), ""),
                Objects.requireNonNullElse(request.headers().get("Range"), "")));
  }
}
