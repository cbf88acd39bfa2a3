package io.lighter.server.http;

import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The head of a GET or HEAD that says nothing which only Vert.x deals with, and what it means. A
 * lazy client asks one thing after another of one blob, so that its requests differ in their range
 * and in nothing else: then what was found out about one holds for the next.
 */
final class PlainRead {
  private static final AsciiString RANGE = AsciiString.cached("range");

  private final HttpRequest request;
  private final List<Map.Entry<CharSequence, CharSequence>> lines;
  private final Endpoint endpoint;
  private final Query query;
  private final String authorization;

  private PlainRead(HttpRequest request, MultiMap headers, Endpoint endpoint, Query query) {
    this.request = request;
    this.lines = new ArrayList<>();
    request.headers().iteratorCharSequence().forEachRemaining(lines::add);
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

  /**
   * Whether another request says the same line by line, but for what range it wants, so that all of
   * this is true of it too.
   */
  boolean isRepeatedBy(HttpRequest other) {
    if (!other.decoderResult().isSuccess()
        || !other.method().equals(request.method())
        || !other.protocolVersion().equals(request.protocolVersion())
        || !other.uri().equals(request.uri())) {
      return false;
    }
    Iterator<Map.Entry<CharSequence, CharSequence>> others = other.headers().iteratorCharSequence();
    for (Map.Entry<CharSequence, CharSequence> line : lines) {
      if (!others.hasNext() || !isSame(line, others.next())) {
        return false;
      }
    }
    return !others.hasNext();
  }

  private static boolean isSame(
      Map.Entry<CharSequence, CharSequence> one, Map.Entry<CharSequence, CharSequence> other) {
    return AsciiString.contentEquals(one.getKey(), other.getKey())
        && (AsciiString.contentEquals(one.getValue(), other.getValue())
            || AsciiString.contentEqualsIgnoreCase(one.getKey(), RANGE));
  }

  boolean isHead() {
    return request.method().equals(io.netty.handler.codec.http.HttpMethod.HEAD);
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
