package io.lighter.server.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenWorldTest {

  /** Of the hosts that end in {@code .example} one is inside, one is nowhere, and one is both. */
  static OpenWorld world() {
    return new OpenWorld(
        settings -> new UpstreamRegistry(settings, Clock.systemUTC(), UpstreamObserver.none()),
        host ->
            switch (host) {
              case "nowhere.example" -> throw new UnknownHostException(host);
              case "inside.example" -> addresses("10.0.0.1");
              case "mixed.example" -> addresses("93.184.215.14", "127.0.0.1");
              default -> addresses(host.matches("[0-9.]+") ? host : "93.184.215.14");
            });
  }

  @Test
  void upstream_publicHost_isOneWithHttpsAndWithoutAccount() {
    try (var world = world()) {
      UpstreamRegistry upstream = world.upstream("public.example:5000").orElseThrow();

      assertThat(upstream.settings().endpoint())
          .isEqualTo(URI.create("https://public.example:5000"));
      assertThat(upstream.settings().credentials()).isEqualTo(CredentialsByPath.NONE);
      assertThat(upstream.settings().addressing().publicOnly()).isTrue();
      assertThat(world.upstream("public.example:5000")).containsSame(upstream);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "inside.example",
        "mixed.example",
        "nowhere.example",
        "127.0.0.1",
        "127.0.0.1:30501",
        "10.0.0.1",
        "169.254.169.254",
        "[::1]",
        "bare",
        "",
        "a b",
        "u@public.example",
        "public.example/path",
        "public.example?x",
        "public.example#x",
        "..",
        "https://public.example"
      })
  void upstream_anythingElse_isNone(String host) {
    try (var world = world()) {
      assertThat(world.upstream(host)).isEmpty();
      assertThat(world.known()).isEmpty();
    }
  }

  @Test
  void upstream_moreThanAreKept_forgetsTheOneLongestNotNamed() {
    try (var world = world()) {
      UpstreamRegistry first = world.upstream("h0.example").orElseThrow();
      UpstreamRegistry second = world.upstream("h1.example").orElseThrow();
      for (int i = 2; i < OpenWorld.MOST; i++) {
        world.upstream("h%d.example".formatted(i));
      }
      world.upstream("h0.example");
      world.upstream("another.example");

      assertThat(world.known()).hasSize(OpenWorld.MOST).contains(first).doesNotContain(second);
      assertThat(second.isRetired()).isTrue();
    }
  }

  @Test
  void retire_whatItKnowsAndWhatIsNamedAfterAll_isRetired() {
    try (var world = world()) {
      UpstreamRegistry known = world.upstream("h0.example").orElseThrow();
      assertThat(known.isRetired()).isFalse();
      world.retire();

      assertThat(known.isRetired()).isTrue();
      assertThat(world.upstream("h1.example").orElseThrow().isRetired()).isTrue();
    }
  }

  private static List<InetAddress> addresses(String... literals) throws UnknownHostException {
    var addresses = new ArrayList<InetAddress>();
    for (String literal : literals) {
      addresses.add(InetAddress.getByName(literal));
    }
    return addresses;
  }
}
