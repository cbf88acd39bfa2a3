package io.lighter.server.http;

import io.lighter.server.observe.LogText;
import io.lighter.server.observe.RequestRecord;
import io.lighter.server.trace.Span;
import io.lighter.server.trace.TraceContext;
import io.vertx.core.MultiMap;
import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request from its arrival to the end of its answer: counted as under way for that time, and
 * logged at the end of it. Event loop only, except {@link #id}, {@link #startedAt} and {@link
 * #look}.
 */
final class OpenRequest {
  private static final Logger LOG = LoggerFactory.getLogger(OpenRequest.class);

  /** Logged for a client that left before its answer was out, as nginx does. */
  private static final int CLIENT_GONE = 499;

  /** Logged for a body that was broken off here, whatever status it began with. */
  private static final int BROKEN_OFF = 500;

  private final RegistryApi api;
  private final TrustedProxies proxies;
  private final ConnectionGuard guard;
  private final String method;
  private final String uri;
  private final MultiMap headers;
  private final @Nullable String range;
  private final long startedAt = System.nanoTime();
  private final long number = ThreadLocalRandom.current().nextLong();
  private final Optional<Span> span;
  private @Nullable Endpoint endpoint;
  private RequestRecord.Timing timing = RequestRecord.Timing.NONE;

  /**
   * Begins now.
   *
   * @param headers but for the range
   * @param range what part is wanted, as the header has it, null if it is all
   */
  OpenRequest(
      RegistryApi api,
      TrustedProxies proxies,
      ConnectionGuard guard,
      String method,
      String uri,
      MultiMap headers,
      @Nullable String range) {
    this.api = api;
    this.proxies = proxies;
    this.guard = guard;
    this.method = method;
    this.uri = uri;
    this.headers = headers;
    this.range = range;
    this.span = api.tracer().request(TraceContext.parse(headers.get(TraceContext.HEADER)));
    guard.requestBegan(this);
    api.underWay().began();
  }

  /** When the request arrived, as {@link System#nanoTime}. */
  long startedAt() {
    return startedAt;
  }

  /** Names the request in logs and answers. */
  String id() {
    return HexFormat.of().toHexDigits(number);
  }

  void endpoint(Endpoint found) {
    endpoint = found;
  }

  /** The work on it, if it is part of a trace. */
  Optional<Span> span() {
    return span;
  }

  /** What it is, for whoever looks. From any thread. */
  RequestUnderWay look() {
    return new RequestUnderWay(
        id(),
        client(),
        LogText.line(method),
        LogText.line(uri),
        Duration.ofNanos(System.nanoTime() - startedAt));
  }

  private String client() {
    return proxies.client(guard.peer(), headers);
  }

  /** What is known now of where the time went. */
  void timing(RequestRecord.Timing known) {
    timing = known;
  }

  /** Nobody is there to read an answer. */
  void clientGone(long bytes) {
    ended(CLIENT_GONE, bytes);
  }

  /** Not all of the answer went out. */
  void brokenOff(Throwable cause, long bytes) {
    if (cause instanceof ClientGoneException || cause instanceof IOException) {
      clientGone(bytes);
    } else {
      LOG.warn("{} {} {}: broken off after {} bytes", id(), method, uri, bytes, cause);
      ended(BROKEN_OFF, bytes);
    }
  }

  /**
   * The answer is out.
   *
   * @param status what it began with
   * @param bytes of the body that were sent
   */
  void ended(int status, long bytes) {
    guard.requestEnded();
    api.underWay().ended();
    var record =
        new RequestRecord(
            id(),
            client(),
            method,
            uri,
            endpoint == null ? "none" : endpoint.getClass().getSimpleName(),
            status,
            bytes,
            Duration.ofNanos(System.nanoTime() - startedAt),
            Objects.requireNonNullElse(headers.get("User-Agent"), ""),
            Objects.requireNonNullElse(range, ""),
            span.map(part -> part.context().traceId()).orElse(""),
            timing);
    api.log().answered(record);
    span.ifPresent(part -> RequestSpan.end(part, record, endpoint));
  }
}
