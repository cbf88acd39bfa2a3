package io.lighter.server.config;

import java.net.InetAddress;
import java.util.regex.Pattern;

/**
 * An address to listen on.
 *
 * @param host host name or IP address, an IPv6 address without brackets
 * @param port from 0 to 65535; 0 takes a free one
 */
public record ListenAddress(String host, int port) {
  static final String ALLOWED =
      "HOST:PORT such as 127.0.0.1:30500, or [::1]:30500, with a port from 0 to 65535";

  private static final Pattern GRAMMAR =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([^:\\[\\]/\\s]+)):([0-9]{1,5})");

  public ListenAddress {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("a port is from 0 to 65535, not " + port);
    }
  }

  /**
   * Parses {@code HOST:PORT} or {@code [IPv6]:PORT}.
   *
   * @throws IllegalArgumentException if the text is neither
   */
  public static ListenAddress parse(String text) {
    var matcher = GRAMMAR.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is not allowed; allowed: %s".formatted(text, ALLOWED));
    }
    String host = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
    return new ListenAddress(host, Integer.parseInt(matcher.group(3)));
  }

  /** Whether only this machine can connect to it. Nothing is looked up. */
  public boolean isLoopback() {
    if (host.equals("localhost")) {
      return true;
    }
    try {
      return InetAddress.ofLiteral(host).isLoopbackAddress();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? '[' + host + ']' : host) + ':' + port;
  }
}
