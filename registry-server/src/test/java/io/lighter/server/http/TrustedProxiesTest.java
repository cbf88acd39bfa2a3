package io.lighter.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.MultiMap;
import io.vertx.core.net.SocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          10.0.0.1     | 192.0.2.1                       | 192.0.2.1
          10.0.0.1     | 192.0.2.9, 192.0.2.1            | 192.0.2.1
          10.0.0.1     | 192.0.2.9, 192.0.2.1, 10.9.9.9  | 192.0.2.1
          10.0.0.1     | 10.1.1.1, 10.2.2.2              | 10.1.1.1
          10.0.0.1     | 192.0.2.1, not an address       | 10.0.0.1:80
          10.0.0.1     | 192.0.2.1, unknown, 10.2.2.2    | 10.2.2.2
          10.0.0.1     | ''                              | 10.0.0.1:80
          10.0.0.1     | 2001:db8::7                     | 2001:db8:0:0:0:0:0:7
          11.0.0.1     | 192.0.2.1                       | 11.0.0.1:80
          172.16.255.1 | 192.0.2.1                       | 192.0.2.1
          172.32.0.1   | 192.0.2.1                       | 172.32.0.1:80
          """)
  void client_isTheLastAddressThatIsNoProxy(String peer, String forwarded, String client) {
    var proxies = TrustedProxies.parse(List.of("10.0.0.0/8", "172.16.0.0/12", "::1"));

    assertThat(proxies.client(peer(peer), forwardedFor(forwarded))).isEqualTo(client);
    assertThat(proxies.address(peer(peer), forwardedFor(forwarded)))
        .isEqualTo(client.equals(peer + ":80") ? peer : client);
  }

  @Test
  void client_ofSeveralHeaderLines_isOneList() {
    var proxies = TrustedProxies.parse(List.of("10.0.0.1"));

    assertThat(proxies.client(peer("10.0.0.1"), forwardedFor("192.0.2.1", "192.0.2.2, 10.0.0.1")))
        .isEqualTo("192.0.2.2");
  }

  @Test
  void client_withoutProxies_isThePeer() {
    assertThat(new TrustedProxies(List.of()).client(peer("10.0.0.1"), forwardedFor("192.0.2.1")))
        .isEqualTo("10.0.0.1:80");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/",
        "::1/129",
        "proxy.example",
        "10.0.0"
      })
  void parse_whatIsNoNetwork_saysWhatIsAllowed(String text) {
    assertThatThrownBy(() -> TrustedProxies.parse(List.of(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("allowed");
  }

  private static Peer peer(String host) {
    return Peer.of(SocketAddress.inetSocketAddress(80, host));
  }

  private static MultiMap forwardedFor(String... lines) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    for (String line : lines) {
      headers.add("X-Forwarded-For", line);
    }
    return headers;
  }
}
