package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.StartupLayout;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.server.admin.AdminClient;
import io.lighter.server.config.AccessConfig;
import io.lighter.server.config.ConversionConfig;
import io.lighter.server.config.DataSize;
import io.lighter.server.config.FreeSpace;
import io.lighter.server.config.LimitsConfig;
import io.lighter.server.config.ListenAddress;
import io.lighter.server.config.PullConfig;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.config.TlsConfig;
import io.lighter.server.config.TracingConfig;
import io.lighter.server.config.UpstreamConfig;
import io.lighter.server.content.View;
import io.lighter.server.content.ViewPolicy;
import io.lighter.server.observe.LogFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/** A server in this process, and what a client does with it. */
final class TestServer implements AutoCloseable {
  /** How long requests under way may take when the server stops. */
  static final Duration DRAIN = Duration.ofSeconds(3);

  private static final DataSize UNBOUNDED = new DataSize(0);
  private static final DataSize START_FILES = new DataSize(StartupLayout.DEFAULT_MAX_BYTES);

  private final Application application;
  private final HttpClient client = HttpClient.newHttpClient();

  private TestServer(Application application) {
    this.application = application;
  }

  /** Starts a server with one upstream, named docker.io. */
  static TestServer start(Path data, URI upstream, Duration tagTtl) {
    return new TestSetup(data).upstreams(List.of(dockerHub(upstream, tagTtl))).workers(1).start();
  }

  /** Starts a server that converts nothing, on a disk of which so much stays free. */
  static TestServer start(Path data, URI upstream, FreeSpace minFree) {
    return new TestSetup(data)
        .upstreams(List.of(dockerHub(upstream, Duration.ofHours(1))))
        .minFree(minFree)
        .start();
  }

  /** Starts a server that converts nothing, with limits and the upstream named docker.io. */
  static TestServer start(
      Path data, ServerConfig.Http http, URI upstream, AccessConfig access, LimitsConfig limits) {
    return new TestSetup(data)
        .http(http)
        .upstreams(List.of(dockerHub(upstream, Duration.ofHours(1))))
        .access(access)
        .limits(limits)
        .start();
  }

  /** Starts a server that converts what is pushed, and records what it does. */
  static TestServer start(Path data, URI upstream, TracingConfig tracing) {
    return new TestSetup(data)
        .upstreams(List.of(dockerHub(upstream, Duration.ofHours(1))))
        .conversion(conversionOfHosted())
        .tracing(tracing)
        .start();
  }

  /** Starts a server with one upstream, named docker.io, and a cap on what is kept of it. */
  static TestServer start(Path data, URI upstream, int workers, DataSize capacity) {
    return new TestSetup(data)
        .upstreams(List.of(dockerHub(upstream, Duration.ofHours(1))))
        .workers(workers)
        .capacity(capacity)
        .start();
  }

  /**
   * Starts a server with one upstream, named docker.io, that converts, evicts and collects garbage
   * as it is told to.
   */
  static TestServer start(
      Path data, URI upstream, ConversionConfig conversion, DataSize capacity, ServerConfig.Gc gc) {
    return new TestSetup(data)
        .upstreams(List.of(dockerHub(upstream, Duration.ofHours(1))))
        .conversion(conversion)
        .capacity(capacity)
        .gc(gc)
        .start();
  }

  /** The default views of what is pushed; what is pulled through stays as it is. */
  static ConversionConfig conversionOfHosted() {
    return new ConversionConfig(
        1,
        ViewPolicy.OFF,
        ViewPolicy.NEGOTIATE,
        List.of(),
        List.of(),
        UNBOUNDED,
        START_FILES,
        List.of("pulled"),
        false,
        Duration.ZERO);
  }

  /** Starts a server with one upstream, named docker.io, that pulls images ahead. */
  static TestServer start(Path data, URI upstream, List<PullConfig> pull) {
    return new TestSetup(data)
        .upstreams(List.of(dockerHub(upstream, Duration.ZERO)))
        .pull(pull)
        .start();
  }

  /** Starts a server with one upstream, named docker.io, and policies of its own. */
  static TestServer start(Path data, URI upstream, ConversionConfig conversion) {
    return new TestSetup(data)
        .upstreams(List.of(dockerHub(upstream, Duration.ZERO)))
        .conversion(conversion)
        .start();
  }

  /** Starts a server without upstreams, with policies of its own. */
  static TestServer start(Path data, ConversionConfig conversion) {
    return new TestSetup(data).conversion(conversion).start();
  }

  /** The default views, with these rules and platforms. */
  static ConversionConfig conversion(
      int workers, List<ConversionConfig.Rule> rules, String... platforms) {
    return new ConversionConfig(
        workers,
        ViewPolicy.REPLACE,
        ViewPolicy.NEGOTIATE,
        rules,
        List.of(),
        UNBOUNDED,
        START_FILES,
        List.of(platforms),
        false,
        Duration.ZERO);
  }

  /** The default policies, and converted manifests that have their original for a subject. */
  static ConversionConfig conversionWithSubject() {
    return new ConversionConfig(
        1,
        ViewPolicy.REPLACE,
        ViewPolicy.NEGOTIATE,
        List.of(),
        List.of(),
        UNBOUNDED,
        START_FILES,
        List.of("pulled"),
        true,
        Duration.ZERO);
  }

  static UpstreamConfig dockerHub(URI endpoint, Duration tagTtl) {
    return new UpstreamConfig(
        "docker.io",
        endpoint,
        Optional.empty(),
        Optional.empty(),
        Optional.of(tagTtl),
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

  /** Starts a server with these upstreams, the first of which is the default. */
  static TestServer start(Path data, List<UpstreamConfig> upstreams) {
    return new TestSetup(data).upstreams(upstreams).start();
  }

  /** Starts a server without upstreams. */
  static TestServer start(Path data, int workers) {
    return new TestSetup(data).workers(workers).start();
  }

  /** Starts a server without upstreams that collects garbage as it is told to. */
  static TestServer start(Path data, int workers, ServerConfig.Gc gc) {
    return new TestSetup(data).workers(workers).gc(gc).start();
  }

  /** Starts a server without upstreams that converts nothing, with caps and timeouts of its own. */
  static TestServer start(Path data, ServerConfig.Http http, int maxUploads) {
    return new TestSetup(data).http(http).maxUploads(maxUploads).start();
  }

  /** Starts a server that converts nothing, with access control. */
  static TestServer start(
      Path data, ServerConfig.Http http, List<UpstreamConfig> upstreams, AccessConfig access) {
    return new TestSetup(data).http(http).upstreams(upstreams).access(access).start();
  }

  /** Settings of the registry's listener that no test ever meets. */
  static ServerConfig.Http generous() {
    return generous(new DataSize(0));
  }

  /** The same, but for how long a pushed blob may be. */
  static ServerConfig.Http generous(DataSize maxBlobSize) {
    return generous(maxBlobSize, TlsConfig.NONE);
  }

  /** The same with TLS. */
  static ServerConfig.Http generous(DataSize maxBlobSize, TlsConfig tls) {
    return new ServerConfig.Http(
        new ListenAddress("127.0.0.1", 0),
        0,
        64,
        DRAIN,
        1000,
        maxBlobSize,
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        Duration.ofMinutes(3),
        List.of(),
        tls);
  }

  /** Starts a server. */
  static TestServer start(ServerConfig config) {
    LogFormat.TEXT.install(false);
    return new TestServer(Application.start(config));
  }

  /** Starts a server that makes its configuration again when it is told to. */
  static TestServer start(Supplier<ServerConfig> load) {
    LogFormat.TEXT.install(false);
    return new TestServer(Application.start(load.get(), load));
  }

  /** Has the configuration made again whenever this file changes. */
  void follow(Path file) {
    application.follow(file);
  }

  int port() {
    return application.port();
  }

  /** The value of a metric without labels, as the metrics page has it. */
  double metric(String name) {
    return management("/metrics")
        .lines()
        .filter(line -> line.startsWith(name + ' '))
        .map(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  String management(String path) {
    return new String(
        send(HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + application.managementPort() + path)))
            .body(),
        UTF_8);
  }

  /** Has an operation of the admin API done; the lines of its answer. */
  List<JsonNode> admin(String operation, Map<String, String> parameters) {
    var lines = new ArrayList<JsonNode>();
    try (var admin = new AdminClient("127.0.0.1:" + application.managementPort())) {
      admin.call(operation, parameters, lines::add);
    }
    return lines;
  }

  int managementPort() {
    return application.managementPort();
  }

  /** Calls the admin API. */
  HttpResponse<byte[]> admin(String path) {
    return send(
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + application.managementPort() + path))
            .POST(BodyPublishers.noBody()));
  }

  /** Cancels an upload that was begun. */
  void cancel(HttpResponse<byte[]> begun) {
    delete(begun.headers().firstValue("Location").orElseThrow());
  }

  /** Sends a request; headers are names and values by turns. */
  HttpResponse<byte[]> get(String path, String... headers) {
    return send(request(path, headers).GET());
  }

  HttpResponse<byte[]> head(String path, String... headers) {
    return send(request(path, headers).HEAD());
  }

  HttpResponse<byte[]> delete(String path, String... headers) {
    return send(request(path, headers).DELETE());
  }

  HttpResponse<byte[]> post(String path, byte[] body, String... headers) {
    return send(request(path, headers).POST(BodyPublishers.ofByteArray(body)));
  }

  HttpResponse<byte[]> put(String path, byte[] body, String... headers) {
    return send(request(path, headers).PUT(BodyPublishers.ofByteArray(body)));
  }

  HttpResponse<byte[]> patch(String path, byte[] body, String... headers) {
    return send(request(path, headers).method("PATCH", BodyPublishers.ofByteArray(body)));
  }

  private HttpRequest.Builder request(String path, String... headers) {
    var builder =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + application.port() + path));
    return headers.length == 0 ? builder : builder.headers(headers);
  }

  private HttpResponse<byte[]> send(HttpRequest.Builder request) {
    return send(client, request);
  }

  /** Sends a request by a client of the test's own. */
  static HttpResponse<byte[]> send(HttpClient client, HttpRequest.Builder request) {
    try {
      return client.send(
          request.timeout(Duration.ofSeconds(30)).build(), BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Pushes every blob of an image, and its manifest under each of these references. */
  void push(String repository, TestImage image, String... references) {
    image.blobs().forEach((digest, content) -> pushBlob(repository, digest, content));
    for (String reference : references) {
      pushManifest(repository, image.manifest(), reference);
    }
  }

  void pushManifest(String repository, Manifest manifest, String reference) {
    var answer =
        put(
            "/v2/%s/manifests/%s".formatted(repository, reference),
            manifest.content(),
            "Content-Type",
            manifest.mediaType());
    assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(201);
  }

  void pushBlob(String repository, Digest digest, byte[] content) {
    var answer = post("/v2/%s/blobs/uploads/?digest=%s".formatted(repository, digest), content);
    assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(201);
  }

  /** What a tag names in a view; the original one says so too. */
  Digest resolve(String path, View view) {
    var answer = head(path, View.HEADER, view.headerValue());
    assertThat(answer.statusCode()).isEqualTo(200);
    return Digest.parse(answer.headers().firstValue("Docker-Content-Digest").orElseThrow());
  }

  /** Stops the server; clients may look on. */
  void stop() {
    application.close();
  }

  @Override
  public void close() {
    client.close();
    application.close();
  }
}
