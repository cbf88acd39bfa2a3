package io.lighter.bench.load;

import java.net.URI;
import java.util.List;

/**
 * A server, and what every request to it says.
 *
 * @param tls whether it speaks https
 * @param host name or address
 * @param port where it listens
 * @param headers header lines of every request, each ended with CR LF
 * @param reuse whether a connection serves more than one request
 */
public record Target(boolean tls, String host, int port, String headers, boolean reuse) {

  /**
   * The server of a URL.
   *
   * @param further header lines without line ends, such as {@code Authorization: Bearer …}
   * @throws BenchException if it is no http or https URL, or a header is none
   */
  public static Target of(URI url, List<String> further) {
    String scheme = url.getScheme() == null ? "" : url.getScheme();
    if (url.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
      throw new BenchException(
          "\"%s\" is not allowed; allowed: http:// and https:// with a host".formatted(url));
    }
    boolean tls = scheme.equals("https");
    int standard = tls ? 443 : 80;
    int port = url.getPort() < 0 ? standard : url.getPort();
    var headers = new StringBuilder("Host: ").append(url.getHost());
    if (port != standard) {
      headers.append(':').append(port);
    }
    headers.append("\r\nUser-Agent: lighter-bench\r\n");
    for (String header : further) {
      headers.append(checked(header)).append("\r\n");
    }
    String host = url.getHost();
    boolean bracketed = host.startsWith("[");
    return new Target(
        tls,
        bracketed ? host.substring(1, host.length() - 1) : host,
        port,
        headers.toString(),
        true);
  }

  /** The same with a new connection for every request. */
  public Target withNewConnections() {
    return new Target(tls, host, port, headers + "Connection: close\r\n", false);
  }

  private static String checked(String header) {
    int colon = header.indexOf(':');
    boolean printable = header.chars().allMatch(c -> c >= ' ' && c < 127);
    if (colon < 1 || !printable) {
      throw new BenchException(
          "the header \"%s\" is not allowed; allowed: Name: value in ASCII".formatted(header));
    }
    return header;
  }
}
