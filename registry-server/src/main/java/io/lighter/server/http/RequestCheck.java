package io.lighter.server.http;

import io.lighter.oci.OciErrorCode;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What HTTP itself wants of a request (RFC 9110, RFC 9112) and the decoder lets through. Where two
 * readers of the same bytes could differ about where a request ends, the request is refused and its
 * connection closed. Pure.
 */
final class RequestCheck {
  static final int MAX_HEADERS = 256;

  private static final String METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";
  private static final Set<HttpMethod> KNOWN =
      Set.of(
          HttpMethod.GET,
          HttpMethod.HEAD,
          HttpMethod.POST,
          HttpMethod.PUT,
          HttpMethod.PATCH,
          HttpMethod.DELETE);

  private RequestCheck() {}

  /** The refusal of a request that is not sound; it closes the connection. */
  static Optional<ProtocolException> refusal(
      HttpMethod method, HttpVersion version, MultiMap headers) {
    return headerLines(headers)
        .or(() -> host(version, headers))
        .or(() -> framing(headers))
        .or(() -> expectation(headers))
        .or(() -> tunnel(method))
        .map(RequestCheck::closing);
  }

  /** The refusal of bytes that are no request. */
  static ProtocolException undecodable(@Nullable Throwable cause) {
    return closing(
        switch (cause) {
          case TooLongHttpLineException _ ->
              ProtocolException.of(OciErrorCode.UNSUPPORTED, 414, "the request line is too long");
          case TooLongHttpHeaderException _ ->
              ProtocolException.of(OciErrorCode.UNSUPPORTED, 431, "the headers are too long");
          case null, default -> bad("not an HTTP request");
        });
  }

  /** The refusal of a body of which nobody can say where it ends. */
  static ProtocolException brokenBody() {
    return closing(bad("the body is not chunked as RFC 9112, section 7.1 has it"));
  }

  /** The refusal of a path that is no endpoint. */
  static ProtocolException noEndpoint(HttpMethod method, String path) {
    return KNOWN.contains(method) ? Dispatcher.noEndpoint(path) : MethodNotAllowed.allowed(METHODS);
  }

  /** Whether a body follows the headers. Zero length is none. */
  static boolean announcesBody(MultiMap headers) {
    String length = headers.get("Content-Length");
    return headers.contains("Transfer-Encoding") || (length != null && !length.equals("0"));
  }

  private static Optional<ProtocolException> headerLines(MultiMap headers) {
    int count = 0;
    for (Map.Entry<String, String> header : headers) {
      if (header.getKey().isEmpty()) {
        return Optional.of(bad("a header without a name"));
      }
      count++;
    }
    return count <= MAX_HEADERS
        ? Optional.empty()
        : Optional.of(
            ProtocolException.of(
                OciErrorCode.UNSUPPORTED,
                431,
                "%d header lines; allowed are %d".formatted(count, MAX_HEADERS)));
  }

  /** RFC 9112, section 3.2. An empty host is legal: the target has no authority. */
  private static Optional<ProtocolException> host(HttpVersion version, MultiMap headers) {
    List<String> hosts = headers.getAll("Host");
    if (hosts.size() > 1 || (hosts.isEmpty() && version != HttpVersion.HTTP_1_0)) {
      return Optional.of(bad("a request has exactly one Host header, not " + hosts.size()));
    }
    return hosts.isEmpty()
            || hosts.getFirst().isEmpty()
            || HostAndPort.parseAuthority(hosts.getFirst(), -1) != null
        ? Optional.empty()
        : Optional.of(bad("the Host header is not HOST or HOST:PORT"));
  }

  /** RFC 9112, section 6. What contradicts itself the decoder has refused already. */
  private static Optional<ProtocolException> framing(MultiMap headers) {
    List<String> codings = headers.getAll("Transfer-Encoding");
    if (!codings.isEmpty()
        && !(codings.size() == 1 && codings.getFirst().equalsIgnoreCase("chunked"))) {
      return Optional.of(bad("the only transfer encoding is chunked, once"));
    }
    String length = headers.get("Content-Length");
    return length != null && length.length() > 1 && length.startsWith("0")
        ? Optional.of(bad("Content-Length has leading zeros"))
        : Optional.empty();
  }

  /** RFC 9110, section 10.1.1. */
  private static Optional<ProtocolException> expectation(MultiMap headers) {
    String expect = headers.get("Expect");
    return expect == null || expect.equalsIgnoreCase("100-continue")
        ? Optional.empty()
        : Optional.of(
            ProtocolException.of(
                OciErrorCode.UNSUPPORTED, 417, "the only expectation is 100-continue"));
  }

  /** What follows a CONNECT belongs to a tunnel that will not be there. */
  private static Optional<ProtocolException> tunnel(HttpMethod method) {
    return method.equals(HttpMethod.CONNECT)
        ? Optional.of(MethodNotAllowed.allowed(METHODS))
        : Optional.empty();
  }

  private static ProtocolException bad(String message) {
    return ProtocolException.of(OciErrorCode.UNSUPPORTED, 400, message);
  }

  private static ProtocolException closing(ProtocolException refusal) {
    return refusal.header("Connection", "close");
  }
}
