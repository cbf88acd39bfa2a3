package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.server.config.ConfigLoader;
import io.lighter.server.config.ServerConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Limits that change while the server runs. */
@Timeout(60)
class LimitsReloadTest {
  private static final String BASE =
      """
      http: {listen: "127.0.0.1:0"}
      management: {listen: "127.0.0.1:0"}
      """;

  @TempDir private Path directory;

  @Test
  void file_changes_limitsFollowUnlessItIsWrong() throws Exception {
    Path file = directory.resolve("lighter.yaml");
    Files.writeString(file, BASE);
    var options =
        new ConfigLoader.CommandLine(
            Optional.of(file),
            Optional.empty(),
            Optional.of(directory.resolve("data").toString()),
            List.of(),
            true);
    Supplier<ServerConfig> load = () -> ConfigLoader.load(options, Map.of());
    try (var application = Application.start(load.get(), load);
        var client = HttpClient.newHttpClient()) {
      application.follow(file);
      assertThat(status(client, application, 20)).isEqualTo(404);

      Files.writeString(file, BASE + "limits: {client: {requests: 1}}\n");
      await().atMost(Duration.ofSeconds(20)).until(() -> status(client, application, 20) == 429);

      Files.writeString(file, BASE + "limits: {client: {requests: -1}}\n");
      await()
          .during(Duration.ofSeconds(3))
          .atMost(Duration.ofSeconds(20))
          .until(() -> status(client, application, 20) == 429);

      Files.writeString(file, BASE);
      await().atMost(Duration.ofSeconds(20)).until(() -> status(client, application, 20) == 404);
    }
  }

  /** The status of the last of so many requests, one after the other. */
  private static int status(HttpClient client, Application application, int count)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:%d/v2/a/tags/list".formatted(application.port())))
            .build();
    int status = 0;
    for (int i = 0; i < count; i++) {
      status = client.send(request, BodyHandlers.discarding()).statusCode();
    }
    return status;
  }
}
