package io.lighter.server.upstream;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;

/**
 * Keeps an upstream from having Lighter call what only Lighter can reach: redirects and token
 * realms must not lead to private addresses, unless the upstream has one itself. One that nobody
 * configured must not have one at all.
 *
 * <p>A name is resolved here and once more by the HTTP client when it connects. The JDK remembers
 * addresses for 30 s, so both get the same ones; a name server that answers differently a moment
 * later gains nothing.
 *
 * <p>Thread-safe; blocks while names are resolved.
 */
final class AddressGuard {

  /** Finds the addresses of a host. */
  @FunctionalInterface
  interface Resolver {
    List<InetAddress> addresses(String host) throws UnknownHostException;
  }

  private final String upstream;
  private final URI endpoint;
  private final boolean publicOnly;
  private final Resolver resolver;

  /** Checks what this upstream names. */
  AddressGuard(UpstreamSettings settings, Resolver resolver) {
    this.upstream = settings.name();
    this.endpoint = settings.endpoint();
    this.publicOnly = settings.addressing().publicOnly();
    this.resolver = resolver;
  }

  /** Checks what this upstream names, by the names that this machine knows. */
  static AddressGuard of(UpstreamSettings settings) {
    return new AddressGuard(settings, host -> List.of(InetAddress.getAllByName(host)));
  }

  /**
   * Checks an address before it is called.
   *
   * @throws UpstreamException.Invalid if it must not be
   */
  void check(URI target) {
    String host = target.getHost();
    if (publicOnly && isPrivate(host)) {
      throw new UpstreamException.Invalid(
          "%s leads to %s, which has a private address; it is not configured"
              .formatted(upstream, host),
          null);
    }
    if (!host.equalsIgnoreCase(endpoint.getHost())
        && isPrivate(host)
        && !isPrivate(endpoint.getHost())) {
      throw new UpstreamException.Invalid(
          "%s leads to %s, which has a private address; it has none itself"
              .formatted(upstream, host),
          null);
    }
  }

  private boolean isPrivate(String host) {
    try {
      return resolver.addresses(host).stream().anyMatch(AddressGuard::isPrivate);
    } catch (UnknownHostException e) {
      return false; // Nor can it be called; the client says so.
    }
  }

  /** Whether an address is of this machine, of its networks, or of no single machine at all. */
  static boolean isPrivate(InetAddress address) {
    if (address.isLoopbackAddress()
        || address.isAnyLocalAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return true;
    }
    byte[] bytes = address.getAddress();
    int first = bytes[0] & 0xff;
    int second = bytes[1] & 0xff;
    if (address instanceof Inet4Address) {
      boolean thisNetwork = first == 0;
      boolean carrier = first == 100 && second >= 64 && second < 128; // RFC 6598
      boolean benchmark = first == 198 && (second == 18 || second == 19); // RFC 2544
      boolean reserved = first >= 240 || (first == 192 && second == 0 && bytes[2] == 0);
      return thisNetwork || carrier || benchmark || reserved;
    }
    boolean uniqueLocal = (first & 0xfe) == 0xfc; // RFC 4193
    boolean translated = first == 0 && second == 0x64; // RFC 6052: an IPv4 address within
    return uniqueLocal || translated;
  }
}
