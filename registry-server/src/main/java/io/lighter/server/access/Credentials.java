package io.lighter.server.access;

import java.util.Optional;

/**
 * What a request says about who it is from. Printing it tells no secret.
 *
 * @param authorization the {@code Authorization} header; empty for none
 * @param certificate the subject of the certificate that the connection has shown, if it has
 * @param address where the request comes from
 */
public record Credentials(String authorization, Optional<String> certificate, String address) {
  @Override
  public String toString() {
    return "Credentials[address=" + address + ']';
  }
}
