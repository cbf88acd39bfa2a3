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
import io.lighter.server.config.MemoryConfig;
import io.lighter.server.config.PullConfig;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.config.TlsConfig;
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
import tools.jackson.databind.JsonNode;

/** A server in this process, and what a client does with it. */
final class TestServer implements AutoCloseable {
  /** How long requests under way may take when the server stops. */
  static final Duration DRAIN = Duration.ofSeconds(3);

  private static final ServerConfig.Gc GC =
      new ServerConfig.Gc(Duration.ZERO, Duration.ofHours(1), Duration.ofHours(1), 1000);

  private static final DataSize UNBOUNDED = new DataSize(0);
  private static final DataSize START_FILES = new DataSize(StartupLayout.DEFAULT_MAX_BYTES);

  private final Application application;
  private final HttpClient client = HttpClient.newHttpClient();

  private TestServer(Application application) {
    this.application = application;
  }

  /** Starts a server with one upstream, named docker.io. */
  static TestServer start(Path data, URI upstream, Duration tagTtl) {
    return start(data, List.of(dockerHub(upstream, tagTtl)), "docker.io", 1);
  }

  /** Starts a server that converts nothing, on a disk of which so much stays free. */
  static TestServer start(Path data, URI upstream, FreeSpace minFree) {
    return start(
        data,
        generous(),
        1000,
        List.of(dockerHub(upstream, Duration.ofHours(1))),
        "docker.io",
        conversion(0, List.of(), "pulled"),
        GC,
        UNBOUNDED,
        List.of(),
        AccessConfig.DEFAULT,
        minFree,
        LimitsConfig.NONE);
  }

  /** Starts a server that converts nothing, with limits and the upstream named docker.io. */
  static TestServer start(
      Path data, ServerConfig.Http http, URI upstream, AccessConfig access, LimitsConfig limits) {
    return start(
        data,
        http,
        1000,
        List.of(dockerHub(upstream, Duration.ofHours(1))),
        "docker.io",
        conversion(0, List.of(), "pulled"),
        GC,
        UNBOUNDED,
        List.of(),
        access,
        new FreeSpace(0, 0),
        limits);
  }

  /** Starts a server with one upstream, named docker.io, and a cap on what is kept of it. */
  static TestServer start(Path data, URI upstream, int workers, DataSize capacity) {
    return start(data, upstream, conversion(workers, List.of(), "pulled"), capacity, GC);
  }

  /**
   * Starts a server with one upstream, named docker.io, that converts, evicts and collects garbage
   * as it is told to.
   */
  static TestServer start(
      Path data, URI upstream, ConversionConfig conversion, DataSize capacity, ServerConfig.Gc gc) {
    return start(
        data,
        generous(),
        1000,
        List.of(dockerHub(upstream, Duration.ofHours(1))),
        "docker.io",
        conversion,
        gc,
        capacity,
        List.of());
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
    return start(
        data,
        generous(),
        1000,
        List.of(dockerHub(upstream, Duration.ZERO)),
        "docker.io",
        0,
        GC,
        UNBOUNDED,
        pull);
  }

  /** Starts a server with one upstream, named docker.io, and policies of its own. */
  static TestServer start(Path data, URI upstream, ConversionConfig conversion) {
    return start(
        data,
        generous(),
        1000,
        List.of(dockerHub(upstream, Duration.ZERO)),
        "docker.io",
        conversion,
        GC,
        UNBOUNDED,
        List.of());
  }

  /** Starts a server without upstreams, with policies of its own. */
  static TestServer start(Path data, ConversionConfig conversion) {
    return start(data, generous(), 1000, List.of(), "", conversion, GC, UNBOUNDED, List.of());
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
    return start(data, upstreams, upstreams.getFirst().name(), 0);
  }

  /** Starts a server without upstreams. */
  static TestServer start(Path data, int workers) {
    return start(data, List.of(), "", workers);
  }

  /** Starts a server without upstreams that collects garbage as it is told to. */
  static TestServer start(Path data, int workers, ServerConfig.Gc gc) {
    return start(data, generous(), 1000, List.of(), "", workers, gc, UNBOUNDED, List.of());
  }

  /** Starts a server without upstreams that converts nothing, with caps and timeouts of its own. */
  static TestServer start(Path data, ServerConfig.Http http, int maxUploads) {
    return start(data, http, maxUploads, List.of(), "", 0, GC, UNBOUNDED, List.of());
  }

  /** Starts a server that converts nothing, with access control. */
  static TestServer start(
      Path data, ServerConfig.Http http, List<UpstreamConfig> upstreams, AccessConfig access) {
    return start(
        data,
        http,
        1000,
        upstreams,
        upstreams.isEmpty() ? "" : upstreams.getFirst().name(),
        conversion(0, List.of(), "pulled"),
        GC,
        UNBOUNDED,
        List.of(),
        access);
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

  private static TestServer start(
      Path data, List<UpstreamConfig> upstreams, String defaultUpstream, int workers) {
    return start(
        data, generous(), 1000, upstreams, defaultUpstream, workers, GC, UNBOUNDED, List.of());
  }

  private static TestServer start(
      Path data,
      ServerConfig.Http http,
      int maxUploads,
      List<UpstreamConfig> upstreams,
      String defaultUpstream,
      int workers,
      ServerConfig.Gc gc,
      DataSize capacity,
      List<PullConfig> pull) {
    return start(
        data,
        http,
        maxUploads,
        upstreams,
        defaultUpstream,
        conversion(workers, List.of(), "pulled"),
        gc,
        capacity,
        pull);
  }

  private static TestServer start(
      Path data,
      ServerConfig.Http http,
      int maxUploads,
      List<UpstreamConfig> upstreams,
      String defaultUpstream,
      ConversionConfig conversion,
      ServerConfig.Gc gc,
      DataSize capacity,
      List<PullConfig> pull) {
    return start(
        data,
        http,
        maxUploads,
        upstreams,
        defaultUpstream,
        conversion,
        gc,
        capacity,
        pull,
        AccessConfig.DEFAULT);
  }

  private static TestServer start(
      Path data,
      ServerConfig.Http http,
      int maxUploads,
      List<UpstreamConfig> upstreams,
      String defaultUpstream,
      ConversionConfig conversion,
      ServerConfig.Gc gc,
      DataSize capacity,
      List<PullConfig> pull,
      AccessConfig access) {
    return start(
        data,
        http,
        maxUploads,
        upstreams,
        defaultUpstream,
        conversion,
        gc,
        capacity,
        pull,
        access,
        new FreeSpace(0, 0),
        LimitsConfig.NONE);
  }

  private static TestServer start(
      Path data,
      ServerConfig.Http http,
      int maxUploads,
      List<UpstreamConfig> upstreams,
      String defaultUpstream,
      ConversionConfig conversion,
      ServerConfig.Gc gc,
      DataSize capacity,
      List<PullConfig> pull,
      AccessConfig access,
      FreeSpace minFree,
      LimitsConfig limits) {
    LogFormat.TEXT.install(false);
    return new TestServer(
        Application.start(
            new ServerConfig(
                http,
                new ServerConfig.Management(new ListenAddress("127.0.0.1", 0), TlsConfig.NONE),
                access,
                limits,
                new ServerConfig.Storage(
                    data,
                    new DataSize(16 << 20),
                    64,
                    Duration.ofDays(1),
                    maxUploads,
                    capacity,
                    new FreeSpace(0, 0),
                    minFree,
                    Duration.ofDays(7),
                    Duration.ofDays(7)),
                new MemoryConfig(8L << 30, 32 << 20),
                upstreams,
                defaultUpstream,
                false,
                new ServerConfig.Hosted(List.of()),
                conversion,
                new ServerConfig.Verify(Duration.ZERO, new DataSize(1 << 20)),
                gc,
                pull,
                new ServerConfig.Logging(LogFormat.TEXT, false, Duration.ZERO))));
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
