package io.lighter.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VirtualHostsTest {
  private static final VirtualHosts HOSTS =
      new VirtualHosts(
          Map.of(
              "hub.local", "docker.io",
              "hub.local:5001", "ghcr.io",
              "[fd00::1]", "quay.io"));

  @ParameterizedTest
  @CsvSource({
    "'',            ,         hub.local,        docker.io",
    "'',            ,         HUB.local:30500,  docker.io",
    "'',            ,         hub.local:5001,   ghcr.io",
    "'',            ,         [fd00::1]:30500,  quay.io",
    "'',            ,         [fd00::1],        quay.io",
    "'',            ,         other.local,      ",
    "'',            ,         ,                 ",
    "'',            gcr.io,   hub.local,        gcr.io",
    "ns=k8s.io,     gcr.io,   hub.local,        k8s.io",
    "ns=,           gcr.io,   hub.local,        gcr.io",
    "ns=,           '',       hub.local,        docker.io",
    "'',            ,         evil.hub.local,   ",
    "'',            ,         hub.local.,       "
  })
  void namespace_byQueryThenHeaderThenHost(
      String query, String header, String host, String expected) {
    var headers = MultiMap.caseInsensitiveMultiMap();
    if (header != null) {
      headers.set("OCI-Namespace", header);
    }
    if (host != null) {
      headers.set("Host", host);
    }

    assertThat(HOSTS.namespace(Query.parse(query), headers))
        .isEqualTo(Optional.ofNullable(expected));
  }
}
