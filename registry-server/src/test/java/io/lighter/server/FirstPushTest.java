package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.server.upstream.ScriptedUpstream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The first push under a plain name, which until then means the default upstream. */
class FirstPushTest {
  private static final String BY_TAG = "/v2/team/new/manifests/1";

  @TempDir private Path data;
  private final ScriptedUpstream upstream = ScriptedUpstream.start();
  private final TestImage image = TestImage.random(1);
  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start(data, upstream.uri(), Duration.ZERO);
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
  }

  @Test
  void push_upstreamOutOfReach_askedForFirstAndPulledBack() {
    upstream.close();
    String byDigest = "/v2/team/new/manifests/" + image.manifest().digest();

    assertThat(server.head(BY_TAG).statusCode()).isEqualTo(404);
    assertThat(server.head(byDigest).statusCode()).isEqualTo(404);
    server.push("team/new", image, "1");

    assertThat(server.get(BY_TAG).body()).isEqualTo(image.manifest().content());
    assertThat(server.head(byDigest).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 429, 500})
  void head_upstreamRefuses_404(int status) {
    upstream.always(
        ScriptedUpstream.manifestPath("team/new", "1"),
        new ScriptedUpstream.Step.Status(status, Map.of()));

    assertThat(server.head(BY_TAG).statusCode()).isEqualTo(404);
  }

  @Test
  void get_upstreamOutOfReach_503() {
    upstream.close();

    assertThat(server.get(BY_TAG).statusCode()).isEqualTo(503);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/v2/docker.io/team/new/manifests/1", "/v2/team/new/manifests/1?ns=docker.io"})
  void head_upstreamNamedAndOutOfReach_503(String path) {
    upstream.close();

    assertThat(server.head(path).statusCode()).isEqualTo(503);
  }

  @Test
  void head_nameWasPulledBeforeUpstreamWentAway_503() {
    image.blobs().values().forEach(content -> upstream.blob("team/new", content));
    upstream.manifest("team/new", "old", new String(image.manifest().content(), UTF_8));
    assertThat(server.get("/v2/team/new/manifests/old").statusCode()).isEqualTo(200);
    upstream.close();

    assertThat(server.head(BY_TAG).statusCode()).isEqualTo(503);
  }
}
