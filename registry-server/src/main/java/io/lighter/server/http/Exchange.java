package io.lighter.server.http;

import io.lighter.server.limit.Pace;
import io.lighter.server.observe.RequestRecord;
import io.lighter.server.trace.Span;
import io.vertx.core.Context;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request and its answer, for as long as both take: writes the answer, sees to the part of the
 * body that nobody wanted, and tells the log. Event loop only, except {@link #id} and {@link
 * #startedAt}.
 */
final class Exchange {
  private final RegistryApi api;
  private final ConnectionGuard guard;
  private final Context context;
  private final HttpServerRequest request;
  private final Duration bodyTimeout;
  private final OpenRequest open;
  private @Nullable RequestBody body;
  private Pace pace = Pace.FREE;

  Exchange(
      RegistryApi api,
      TrustedProxies proxies,
      ConnectionGuard guard,
      Context context,
      HttpServerRequest request,
      Duration bodyTimeout) {
    this.api = api;
    this.guard = guard;
    this.context = context;
    this.request = request;
    this.bodyTimeout = bodyTimeout;
    this.open =
        new OpenRequest(
            api,
            proxies,
            guard,
            request.method().name(),
            String.valueOf(request.uri()),
            request.headers(),
            request.headers().get("Range"));
  }

  /** When the request arrived, as {@link System#nanoTime}. */
  long startedAt() {
    return open.startedAt();
  }

  /** Names the request in logs and answers. */
  String id() {
    return open.id();
  }

  /** The work on the request, if it is part of a trace. */
  Optional<Span> span() {
    return open.span();
  }

  void endpoint(Endpoint found) {
    open.endpoint(found);
  }

  /** What is known now of where the time went. */
  void timing(RequestRecord.Timing known) {
    open.timing(known);
  }

  /** How fast the answer may go. */
  void pace(Pace limit) {
    pace = limit;
  }

  /** The body of the request, which is read by somebody else from here on. */
  RequestBody body() {
    var taken = new RequestBody(context, request, bodyTimeout, api.budget());
    body = taken;
    return taken;
  }

  /** Writes an error and ends the exchange. */
  void refuse(ProtocolException refusal) {
    write(ErrorAnswers.of(id(), refusal));
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
        .write(context, request, complete, pace)
        .onComplete(written -> {
          if (last) {
            request.connection().close();
          }
          releaseBody();
          long bytes = request.response().bytesWritten();
          api.reads().ended(answer, bytes, 0);
          if (written.succeeded()) {
            open.ended(answer.status(), bytes);
          } else {
            open.brokenOff(written.cause(), bytes);
          }
        });
  }

  /** Ends the exchange without an answer: nobody is there to read it. */
  void clientGone() {
    releaseBody();
    open.clientGone(request.response().bytesWritten());
  }

  private void releaseBody() {
    if (body != null) {
      body.release();
    }
  }
}
