package io.lighter.server.upstream;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How an upstream is reached, and how much of the way there is taken.
 *
 * @param maxConnections cap on connections to it, from 2 to 1000
 * @param connectionsPerBlob how many of them a download that somebody waits for may have, from 1 to
 *     16
 * @param fill whether blobs that clients have read parts of are fetched to their ends
 * @param proxy HTTP proxy on the way, {@code http://HOST:PORT}
 * @param caCertificates PEM file of certificate authorities that are trusted beside the system's
 * @param connectTimeout wait for a connection
 * @param responseTimeout wait for the head of an answer, the connection included
 * @param stallTimeout wait for the next byte of a body
 */
public record Network(
    int maxConnections,
    int connectionsPerBlob,
    boolean fill,
    Optional<URI> proxy,
    Optional<Path> caCertificates,
    Duration connectTimeout,
    Duration responseTimeout,
    Duration stallTimeout) {

  public static final Network DEFAULT =
      new Network(
          32,
          2,
          true,
          Optional.empty(),
          Optional.empty(),
          Duration.ofSeconds(10),
          Duration.ofSeconds(15),
          Duration.ofSeconds(30));

  private static final int LEAST_CONNECTIONS = 2;
  private static final int MOST_CONNECTIONS = 1000;
  private static final int MOST_PER_BLOB = 16;

  /** Names the first value that is not allowed. */
  void requireValid(String upstream) {
    requireFromTo(upstream, "maxConnections", maxConnections, LEAST_CONNECTIONS, MOST_CONNECTIONS);
    requireFromTo(upstream, "connectionsPerBlob", connectionsPerBlob, 1, MOST_PER_BLOB);
    if (proxy.isPresent() && !isProxy(proxy.get())) {
      throw new InvalidSettingException(upstream, "proxy", proxy.get(), "http://HOST:PORT");
    }
    requirePositive(upstream, "connectTimeout", connectTimeout);
    requirePositive(upstream, "responseTimeout", responseTimeout);
    requirePositive(upstream, "stallTimeout", stallTimeout);
  }

  private static boolean isProxy(URI uri) {
    return "http".equals(uri.getScheme())
        && uri.getHost() != null
        && uri.getPort() > 0
        && uri.getRawUserInfo() == null
        && uri.getRawQuery() == null
        && uri.getRawFragment() == null
        && (uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"));
  }

  private static void requireFromTo(String upstream, String field, int value, int least, int most) {
    if (value < least || value > most) {
      throw new InvalidSettingException(
          upstream, field, value, "from %d to %d".formatted(least, most));
    }
  }

  static void requirePositive(String upstream, String field, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new InvalidSettingException(upstream, field, value, "more than zero");
    }
  }
}
