package io.lighter.server.http;

import io.vertx.core.net.SocketAddress;

/**
 * Who connected, in words that each of his requests needs.
 *
 * @param host the address without a port
 * @param address the address with its port, as logs have it
 */
record Peer(String host, String address) {

  static Peer of(SocketAddress address) {
    return new Peer(String.valueOf(address.hostAddress()), address.toString());
  }
}
