package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Limits that change while the server runs. */
@Timeout(60)
class LimitsReloadTest {
  @Test
  void file_changes_limitsFollowUnlessItIsWrong(@TempDir Path directory) throws Exception {
    try (var config = new ReloadedConfig(directory)) {
      TestServer server = config.start("");
      server.follow(config.file);
      assertThat(status(server, 20)).isEqualTo(404);

      config.write("limits: {client: {requests: 1}}\n");
      await().atMost(Duration.ofSeconds(20)).until(() -> status(server, 20) == 429);

      config.write("limits: {client: {requests: -1}}\n");
      await()
          .during(Duration.ofSeconds(3))
          .atMost(Duration.ofSeconds(20))
          .until(() -> status(server, 20) == 429);

      config.write("");
      await().atMost(Duration.ofSeconds(20)).until(() -> status(server, 20) == 404);
    }
  }

  /** The status of the last of so many requests, one after the other. */
  private static int status(TestServer server, int count) {
    int status = 0;
    for (int i = 0; i < count; i++) {
      status = server.get("/v2/a/tags/list").statusCode();
    }
    return status;
  }
}
