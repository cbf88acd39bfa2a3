package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.server.config.UpstreamConfig;
import io.lighter.server.upstream.Images;
import io.lighter.server.upstream.ScriptedUpstream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that can be told another host, and nothing else. */
class HostHeaderTest {
  @TempDir private Path data;
  private final ScriptedUpstream hub = ScriptedUpstream.start();
  private final ScriptedUpstream other = ScriptedUpstream.start();
  private final Manifest inHub = hub.manifest("library/app", "1", Images.json("hub"));
  private final Manifest inOther = other.manifest("app", "1", Images.json("other"));
  private TestServer server;

  @BeforeEach
  void start() {
    server =
        TestServer.start(
            data,
            List.of(
                upstream("docker.io", hub, "docker.local"),
                upstream("other.example", other, "other.local")));
  }

  @AfterEach
  void stop() {
    server.close();
    hub.close();
    other.close();
  }

  @Test
  void host_ofAnUpstream_meansIt() {
    assertThat(digest("docker.local", "/v2/app/manifests/1")).isEqualTo(inHub.digest());
    assertThat(digest("other.local:30500", "/v2/app/manifests/1")).isEqualTo(inOther.digest());
    assertThat(digest("other.local", "/v2/app/manifests/1?ns=docker.io")).isEqualTo(inHub.digest());
    assertThat(digest("127.0.0.1", "/v2/app/manifests/1")).isEqualTo(inHub.digest());
  }

  @Test
  void blob_byHost_isHotForThatHostOnly() {
    Digest blob = other.blob("app", new byte[] {1, 2, 3});
    String path = "/v2/app/blobs/" + blob;
    for (int i = 0; i < 3; i++) {
      Wire.Reply reply = get("other.local", path);
      assertThat(reply.status()).isEqualTo(200);
      assertThat(reply.header("oci-namespace")).isEqualTo("other.example");
    }
    assertThat(get("docker.local", path).status()).isEqualTo(404);
  }

  @Test
  void push_byHostOfAnUpstream_isRefused() {
    try (var wire = Wire.connect(server.port())) {
      wire.send(
          "POST /v2/mine/blobs/uploads/ HTTP/1.1\r\nHost: docker.local\r\nContent-Length: 0\r\n\r\n");
      assertThat(wire.read().status()).isEqualTo(403);
    }
  }

  private Digest digest(String host, String path) {
    return Digest.parse(get(host, path).header("docker-content-digest"));
  }

  private Wire.Reply get(String host, String path) {
    try (var wire = Wire.connect(server.port())) {
      return wire.send("GET %s HTTP/1.1\r\nHost: %s\r\n\r\n".formatted(path, host)).read();
    }
  }

  private static UpstreamConfig upstream(String name, ScriptedUpstream server, String host) {
    return new UpstreamConfig(
        name,
        server.uri(),
        Optional.of(List.of(host)),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
