package io.lighter.conformance;

import static io.restassured.config.DecoderConfig.decoderConfig;
import static io.restassured.config.EncoderConfig.encoderConfig;
import static io.restassured.config.HttpClientConfig.httpClientConfig;
import static io.restassured.config.RedirectConfig.redirectConfig;

import io.lighter.server.Application;
import io.lighter.server.config.AccessConfig;
import io.lighter.server.config.ConversionConfig;
import io.lighter.server.config.DataSize;
import io.lighter.server.config.FreeSpace;
import io.lighter.server.config.LimitsConfig;
import io.lighter.server.config.ListenAddress;
import io.lighter.server.config.MemoryConfig;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.config.TlsConfig;
import io.lighter.server.config.TracingConfig;
import io.lighter.server.content.ViewPolicy;
import io.lighter.server.observe.LogFormat;
import io.restassured.RestAssured;
import io.restassured.config.RestAssuredConfig;
import io.restassured.specification.RequestSpecification;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.http.client.HttpClient;
import org.apache.http.impl.client.DefaultHttpClient;

/** The registry under test: one that runs somewhere, or a Lighter in this process. */
final class Registry implements Closeable {
  /** System property: URL of a running registry, for example {@code http://127.0.0.1:5000}. */
  static final String URL = "lighter.conformance.url";

  /**
   * System property: in which repositories of that registry a manifest may name content that is
   * missing. {@code *} for all of them, a prefix such as {@code mirror/} for those below it, empty
   * for none.
   */
  static final String SPARSE = "lighter.conformance.sparse";

  private static final String EVERYWHERE = "*";

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final URI base;
  private final String sparse;
  private final boolean inProcess;
  private final Closeable server;

  /** Each request has a client, whose connection would stay until the client is collected. */
  private final Queue<HttpClient> clients = new ConcurrentLinkedQueue<>();

  private final RestAssuredConfig config =
      RestAssured.config()
          .httpClient(
              httpClientConfig()
                  .httpClientFactory(this::client)
                  .setParam("http.connection.timeout", (int) PATIENCE.toMillis())
                  .setParam("http.socket.timeout", (int) PATIENCE.toMillis()))
          .encoderConfig(encoderConfig().appendDefaultContentCharsetToContentTypeIfUndefined(false))
          .decoderConfig(decoderConfig().noContentDecoders())
          .redirect(redirectConfig().followRedirects(false));

  private Registry(URI base, String sparse, boolean inProcess, Closeable server) {
    this.base = base;
    this.sparse = sparse;
    this.inProcess = inProcess;
    this.server = server;
  }

  static Registry open() {
    String url = System.getProperty(URL, "");
    return url.isEmpty()
        ? inProcess()
        : new Registry(URI.create(url), System.getProperty(SPARSE, ""), false, () -> {});
  }

  private static Registry inProcess() {
    Path directory;
    try {
      directory = Files.createTempDirectory("lighter-conformance");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var anyPort = new ListenAddress("127.0.0.1", 0);
    var server =
        Application.start(
            new ServerConfig(
                new ServerConfig.Http(
                    anyPort,
                    0,
                    512,
                    Duration.ofSeconds(1),
                    1000,
                    new DataSize(0),
                    PATIENCE,
                    PATIENCE,
                    Duration.ofMinutes(3),
                    List.of(),
                    TlsConfig.NONE),
                new ServerConfig.Management(
                    anyPort, true, TlsConfig.NONE, ServerConfig.ManagementAccess.EVERYBODY),
                AccessConfig.DEFAULT,
                LimitsConfig.NONE,
                new ServerConfig.Storage(
                    directory,
                    new DataSize(64L << 20),
                    512,
                    Duration.ofHours(1),
                    1000,
                    new DataSize(0),
                    new FreeSpace(0, 0),
                    new FreeSpace(0, 0),
                    Duration.ofDays(7),
                    Duration.ofDays(7)),
                new MemoryConfig(8L << 30, 32 << 20),
                List.of(),
                "",
                false,
                new ServerConfig.Hosted(List.of("sparse/**")),
                new ConversionConfig(
                    1,
                    ViewPolicy.REPLACE,
                    ViewPolicy.NEGOTIATE,
                    List.of(),
                    List.of(),
                    new DataSize(0),
                    new DataSize(256L << 20),
                    List.of("pulled"),
                    false,
                    Duration.ZERO),
                new ServerConfig.Verify(Duration.ZERO, new DataSize(1 << 20)),
                new ServerConfig.Gc(Duration.ZERO, Duration.ofHours(1), Duration.ofHours(1), 1000),
                List.of(),
                new ServerConfig.Logging(LogFormat.TEXT, false, Duration.ZERO),
                TracingConfig.OFF));
    return new Registry(
        URI.create("http://127.0.0.1:" + server.port()),
        "sparse/",
        true,
        () -> {
          server.close();
          delete(directory);
        });
  }

  @SuppressWarnings("deprecation") // It is the one that REST Assured works with.
  private HttpClient client() {
    var client = new DefaultHttpClient();
    clients.add(client);
    return client;
  }

  /** Closes the connections of all requests so far, whose answers are read by now. */
  @SuppressWarnings("deprecation") // As above.
  void closeConnections() {
    for (HttpClient client = clients.poll(); client != null; client = clients.poll()) {
      client.getConnectionManager().shutdown();
    }
  }

  private static void delete(Path directory) throws IOException {
    List<Path> entries;
    try (var walk = Files.walk(directory)) {
      entries = walk.toList();
    }
    for (Path entry : entries.reversed()) {
      Files.delete(entry);
    }
  }

  /** Whether the registry shares this process, its memory and its open files. */
  boolean isInProcess() {
    return inProcess;
  }

  URI base() {
    return base;
  }

  /**
   * A request that is sent as it is written: nothing is encoded, no redirect is followed. It
   * accepts what clients accept.
   */
  RequestSpecification request() {
    return RestAssured.given()
        .config(config)
        .baseUri(base.toString())
        .urlEncodingEnabled(false)
        .header("Accept", Manifests.ACCEPT);
  }

  /** A repository that nobody else uses. */
  Repository repository() {
    return repository("conformance/" + unique());
  }

  /** A new repository whose manifests may name what it does not have; empty if there are none. */
  Optional<Repository> sparseRepository() {
    return sparse.isEmpty()
        ? Optional.empty()
        : Optional.of(repository((sparse.equals(EVERYWHERE) ? "conformance/" : sparse) + unique()));
  }

  /** A new repository that is complete at any time; empty if there are none. */
  Optional<Repository> completeRepository() {
    return sparse.equals(EVERYWHERE) ? Optional.empty() : Optional.of(repository());
  }

  Repository repository(String name) {
    return new Repository(this, name);
  }

  /** The path of a location, which may name this host or leave that out. */
  String path(String location) {
    String host = base.getScheme() + "://" + base.getAuthority();
    return location.startsWith(host + '/') ? location.substring(host.length()) : location;
  }

  Wire connect() {
    return Wire.connect(base, PATIENCE);
  }

  Wire connectNarrow() {
    return Wire.narrow(base, PATIENCE);
  }

  /** A legal component of a repository name that was not used before. */
  static String unique() {
    return "r" + Long.toString(ThreadLocalRandom.current().nextLong() >>> 1, 36);
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
