package io.lighter.server.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.server.upstream.ScriptedUpstream.Step;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGuardTest {
  private static final Map<String, String> NAMES =
      Map.of(
          "public.example", "93.184.215.14",
          "cdn.example", "2606:2800:21f:cb07::1",
          "inside.example", "10.1.2.3",
          "other.example", "192.168.7.7",
          "localhost", "93.184.215.15");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.127.255.255",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.0.8",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1"
      })
  void isPrivate_addressOfThisSide_isTrue(String address) throws Exception {
    assertThat(AddressGuard.isPrivate(InetAddress.getByName(address))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "172.15.0.1",
        "172.32.0.1",
        "100.63.0.1",
        "100.128.0.1",
        "192.0.1.1",
        "198.17.0.1",
        "223.255.255.255",
        "2606:4700::1111"
      })
  void isPrivate_publicAddress_isFalse(String address) throws Exception {
    assertThat(AddressGuard.isPrivate(InetAddress.getByName(address))).isFalse();
  }

  @Test
  void check_publicUpstream_mayNameOnlyPublicHosts() {
    AddressGuard guard = guard("https://public.example");

    for (String host : List.of("public.example", "cdn.example", "unknown.example")) {
      assertThatCode(() -> guard.check(URI.create("https://" + host + "/token")))
          .doesNotThrowAnyException();
    }
    for (String host : List.of("inside.example", "10.0.0.1", "[::1]", "169.254.169.254")) {
      assertThatThrownBy(() -> guard.check(URI.create("https://" + host + "/token")))
          .isInstanceOf(UpstreamException.Invalid.class)
          .hasMessage(
              "up.example leads to %s, which has a private address; it has none itself", host);
    }
  }

  @Test
  void check_hostThatNobodyConfigured_mayNotBePrivateItself() {
    var guard =
        new AddressGuard(
            UpstreamSettings.of("inside.example", URI.create("https://inside.example"))
                .withAddressing(Addressing.PUBLIC),
            AddressGuardTest::resolve);

    assertThatThrownBy(() -> guard.check(URI.create("https://inside.example/v2/")))
        .isInstanceOf(UpstreamException.Invalid.class)
        .hasMessageContaining("it is not configured");
  }

  @Test
  void check_privateUpstream_mayNameItsNeighbours() {
    assertThatCode(() -> guard("http://inside.example").check(URI.create("http://other.example")))
        .doesNotThrowAnyException();
  }

  /** The scripted upstream is taken for a public one by its name, and for what it is by address. */
  @Test
  void redirect_fromPublicToPrivate_isNotFollowed() {
    try (var server = ScriptedUpstream.start();
        var client = client(server)) {
      URI inside = server.uri().resolve("/metadata");
      server.always("/start", new Step.Redirect(inside));

      assertThatThrownBy(() -> client.send("GET", byName(server, "/start"), Map.of(), null))
          .isInstanceOf(UpstreamException.Invalid.class)
          .hasMessageContaining("127.0.0.1, which has a private address");
      assertThat(server.count("GET", "/metadata")).isZero();
    }
  }

  @Test
  void target_onAPrivateHostThatIsNotTheUpstream_isNotCalled() {
    try (var server = ScriptedUpstream.start();
        var client = client(server)) {
      assertThatThrownBy(
              () -> client.send("GET", server.uri().resolve("/token"), Map.of(), "Basic secret"))
          .isInstanceOf(UpstreamException.Invalid.class);
      assertThat(server.requests()).isEmpty();
    }
  }

  private static RedirectingClient client(ScriptedUpstream server) {
    var settings = UpstreamSettings.of("up.example", byName(server, ""));
    return new RedirectingClient(settings, new AddressGuard(settings, AddressGuardTest::resolve));
  }

  private static URI byName(ScriptedUpstream server, String path) {
    return URI.create("http://localhost:" + server.uri().getPort() + path);
  }

  private static AddressGuard guard(String endpoint) {
    return new AddressGuard(
        UpstreamSettings.of("up.example", URI.create(endpoint)), AddressGuardTest::resolve);
  }

  private static List<InetAddress> resolve(String host) throws UnknownHostException {
    if (host.endsWith(".example") && !NAMES.containsKey(host)) {
      throw new UnknownHostException(host);
    }
    return List.of(InetAddress.getByName(Optional.ofNullable(NAMES.get(host)).orElse(host)));
  }
}
