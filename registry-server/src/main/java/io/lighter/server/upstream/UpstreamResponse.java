package io.lighter.server.upstream;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The head of an answer, its body still to be read.
 *
 * @param status the HTTP status; never that of a redirect
 * @param headers its headers
 * @param body its body
 * @param elsewhere the address that gave it, if that is of another host than the one that was asked
 */
record UpstreamResponse(int status, HttpHeaders headers, BodyStream body, Optional<URI> elsewhere)
    implements AutoCloseable {

  /** Whether another host than the one that was asked gave it. */
  boolean redirected() {
    return elsewhere.isPresent();
  }

  Optional<String> header(String name) {
    return headers.firstValue(name);
  }

  List<String> headerValues(String name) {
    return headers.allValues(name);
  }

  /** The length of the body as the answer states it; empty if it does not, or not as a number. */
  OptionalLong contentLength() {
    try {
      return headers.firstValueAsLong("Content-Length");
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public void close() {
    body.close();
  }

  /** Whether two addresses are served by the same party: scheme, host and port. */
  static boolean sameOrigin(URI a, URI b) {
    return a.getScheme().equalsIgnoreCase(b.getScheme())
        && a.getHost().equalsIgnoreCase(b.getHost())
        && port(a) == port(b);
  }

  private static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
  }
}
