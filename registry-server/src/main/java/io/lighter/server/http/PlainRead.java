package io.lighter.server.http;

import io.netty.handler.codec.http.HttpRequest;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.util.Objects;
import java.util.Optional;

/**
 * The head of a GET or HEAD that says nothing which only Vert.x deals with, and what it means.
 * Immutable.
 */
final class PlainRead {
  private final HttpRequest request;
  private final MultiMap headers;
  private final Selection selection;
  private final Endpoint endpoint;
  private final Query query;
  private final String authorization;

  private PlainRead(HttpRequest request, MultiMap headers, Endpoint endpoint, Query query) {
    this.request = request;
    this.headers = headers;
    this.selection = Selection.of(headers);
    this.endpoint = endpoint;
    this.query = query;
    this.authorization = Objects.requireNonNullElse(headers.get("Authorization"), "");
  }

  /** Looks at a request; empty if it is something else, or has to be refused. */
  static Optional<PlainRead> of(HttpRequest request, MultiMap headers) {
    if (!isPlain(request, headers)) {
      return Optional.empty();
    }
    String uri = request.uri();
    int question = uri.indexOf('?');
    var query = Query.parse(question < 0 ? "" : uri.substring(question + 1));
    return OciPath.parse(question < 0 ? uri : uri.substring(0, question))
        .map(endpoint -> new PlainRead(request, headers, endpoint, query));
  }

  /**
   * To change to another protocol is an offer, and not taken by Vert.x either (RFC 9110, section
   * 7.8).
   */
  private static boolean isPlain(HttpRequest request, MultiMap headers) {
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

  boolean isHead() {
    return request.method().equals(io.netty.handler.codec.http.HttpMethod.HEAD);
  }

  String method() {
    return request.method().name();
  }

  MultiMap headers() {
    return headers;
  }

  Selection selection() {
    return selection;
  }

  /** Path and query as they were sent. */
  String uri() {
    return request.uri();
  }

  Endpoint endpoint() {
    return endpoint;
  }

  Query query() {
    return query;
  }

  /** The {@code Authorization} header, empty if there is none. */
  String authorization() {
    return authorization;
  }
}
