package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.server.config.ConfigLoader;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.upstream.ScriptedUpstream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A configuration file that tests rewrite, one server that reads it again when told to, and the
 * upstream that the file may name. Closing it stops both.
 */
final class ReloadedConfig implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String BASE =
      """
      http: {listen: "127.0.0.1:0"}
      management: {listen: "127.0.0.1:0"}
      conversion: {workers: 0}
      """;

  final ScriptedUpstream upstream = ScriptedUpstream.start();
  final Path file;
  final Path data;
  private @Nullable TestServer server;

  ReloadedConfig(Path directory) {
    file = directory.resolve("lighter.yaml");
    data = directory.resolve("data");
  }

  /** Starts the server with these keys. */
  TestServer start(String yaml) throws IOException {
    write(yaml);
    return start();
  }

  /** Starts the server with what the file has. */
  TestServer start() {
    TestServer started = TestServer.start(this::load);
    server = started;
    return started;
  }

  /** Has the server read these keys, which it must take; its answer. */
  JsonNode reload(String yaml) throws IOException {
    write(yaml);
    HttpResponse<byte[]> answer =
        Objects.requireNonNull(server, "not started").admin("/admin/reload");
    assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  /** Writes these keys into the file, and the server is not told. */
  void write(String yaml) throws IOException {
    write(file, yaml);
  }

  /** Writes these keys into another file, with those that every server of these tests needs. */
  static void write(Path file, String yaml) throws IOException {
    Files.writeString(file, BASE + defaultOf(yaml) + yaml);
  }

  /** The key that names the upstream like this, with more of its settings after a comma. */
  String upstreams(String name, String more) {
    return "upstreams:\n  - {name: %s, endpoint: \"%s\"%s}\n".formatted(name, upstream.uri(), more);
  }

  @Override
  public void close() {
    if (server != null) {
      // The client waits for answers that are under way, and a failed test may have left one held.
      server.stop();
      server.close();
    }
    upstream.close();
  }

  private ServerConfig load() {
    return ConfigLoader.load(
        new ConfigLoader.CommandLine(
            Optional.of(file), Optional.empty(), Optional.of(data.toString()), List.of(), false),
        Map.of());
  }

  /** A key stands in a file once. */
  private static String defaultOf(String yaml) {
    return yaml.contains("defaultUpstream:") ? "" : "defaultUpstream: \"\"\n";
  }
}
