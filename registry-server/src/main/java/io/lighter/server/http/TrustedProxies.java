package io.lighter.server.http;

import io.vertx.core.MultiMap;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Proxies whose word is taken for who the client is. Their {@code X-Forwarded-For} names the client
 * in the logs, and slows down who guesses passwords: no other answer depends on it, and locations
 * are relative. Pure; nothing is looked up.
 *
 * @param networks where they are
 */
public record TrustedProxies(List<Network> networks) {

  public TrustedProxies {
    networks = List.copyOf(networks);
  }

  /**
   * Parses addresses and networks such as {@code 10.0.0.0/8} or {@code ::1}.
   *
   * @throws IllegalArgumentException if one is something else
   */
  public static TrustedProxies parse(List<String> networks) {
    return new TrustedProxies(networks.stream().map(Network::parse).toList());
  }

  /** Addresses that begin with the same bits. */
  public record Network(InetAddress address, int bits) {

    static Network parse(String text) {
      int slash = text.indexOf('/');
      var address = literal(slash < 0 ? text : text.substring(0, slash));
      if (address.isPresent()) {
        int all = address.get().getAddress().length * 8;
        String length = slash < 0 ? Integer.toString(all) : text.substring(slash + 1);
        if (length.matches("[0-9]{1,3}") && Integer.parseInt(length) <= all) {
          return new Network(address.get(), Integer.parseInt(length));
        }
      }
      throw new IllegalArgumentException(
          "\"%s\" is not allowed; allowed: an IP address, or ADDRESS/BITS such as 10.0.0.0/8"
              .formatted(text));
    }

    boolean contains(InetAddress other) {
      byte[] mine = address.getAddress();
      byte[] theirs = other.getAddress();
      if (mine.length != theirs.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> (bit % 8);
        if ((mine[bit / 8] & mask) != (theirs[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * The client as the access log names it: who connected, or the last address before the trusted
   * proxies. What stands further to the left, any client can have invented.
   *
   * @param headers of the request
   */
  String client(Peer peer, MultiMap headers) {
    return networks.isEmpty() || !trusted(peer.host())
        ? peer.address()
        : behind(headers).orElse(peer.address());
  }

  /** The same without a port. */
  String address(Peer peer, MultiMap headers) {
    return networks.isEmpty() || !trusted(peer.host())
        ? peer.host()
        : behind(headers).orElse(peer.host());
  }

  /** The last address that is none of a proxy, or the first of all; empty if there is none. */
  private Optional<String> behind(MultiMap headers) {
    Optional<String> client = Optional.empty();
    List<String> hops = List.of(String.join(",", headers.getAll("X-Forwarded-For")).split(",", -1));
    for (String hop : hops.reversed()) {
      var address = literal(hop.strip());
      if (address.isEmpty()) {
        break;
      }
      client = address.map(InetAddress::getHostAddress);
      if (!trusted(client.get())) {
        break;
      }
    }
    return client;
  }

  private boolean trusted(String address) {
    return literal(address)
        .filter(peer -> networks.stream().anyMatch(network -> network.contains(peer)))
        .isPresent();
  }

  private static Optional<InetAddress> literal(String text) {
    if (text.indexOf(':') < 0 && !text.matches("[0-9]+(\\.[0-9]+){3}")) {
      return Optional.empty(); // The library takes "10.1" too, and means 10.0.0.1.
    }
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
