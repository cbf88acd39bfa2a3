package io.lighter.conformance;

import static io.restassured.config.DecoderConfig.decoderConfig;
import static io.restassured.config.EncoderConfig.encoderConfig;
import static io.restassured.config.HttpClientConfig.httpClientConfig;
import static io.restassured.config.RedirectConfig.redirectConfig;

import io.lighter.server.Application;
import io.lighter.server.DataSize;
import io.lighter.server.ListenAddress;
import io.lighter.server.ServerConfig;
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
import java.util.concurrent.ThreadLocalRandom;

/** The registry under test: one that runs somewhere, or a Lighter in this process. */
final class Registry implements Closeable {
  /** System property: URL of a running registry, for example {@code http://127.0.0.1:5000}. */
  static final String URL = "lighter.conformance.url";

  /** System property: {@code true} if the registry takes manifests whose content is missing. */
  static final String SPARSE = "lighter.conformance.sparse";

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final URI base;
  private final Closeable server;
  private final RestAssuredConfig config =
      RestAssured.config()
          .httpClient(
              httpClientConfig()
                  .setParam("http.connection.timeout", (int) PATIENCE.toMillis())
                  .setParam("http.socket.timeout", (int) PATIENCE.toMillis()))
          .encoderConfig(encoderConfig().appendDefaultContentCharsetToContentTypeIfUndefined(false))
          .decoderConfig(decoderConfig().noContentDecoders())
          .redirect(redirectConfig().followRedirects(false));

  private Registry(URI base, Closeable server) {
    this.base = base;
    this.server = server;
  }

  static Registry open() {
    String url = System.getProperty(URL, "");
    return url.isEmpty() ? inProcess() : new Registry(URI.create(url), () -> {});
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
                    512,
                    Duration.ofSeconds(1),
                    1000,
                    PATIENCE,
                    PATIENCE,
                    Duration.ofMinutes(3),
                    List.of()),
                new ServerConfig.Management(anyPort),
                new ServerConfig.Storage(
                    directory, new DataSize(64L << 20), 512, Duration.ofHours(1), 1000),
                List.of(),
                "",
                new ServerConfig.Hosted(List.of()),
                new ServerConfig.Conversion(1, ViewPolicy.REPLACE, ViewPolicy.NEGOTIATE),
                new ServerConfig.Verify(Duration.ZERO, new DataSize(1 << 20)),
                new ServerConfig.Logging(LogFormat.TEXT, false)));
    return new Registry(
        URI.create("http://127.0.0.1:" + server.port()),
        () -> {
          server.close();
          delete(directory);
        });
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

  URI base() {
    return base;
  }

  /** A request that is sent as it is written: nothing is encoded, no redirect is followed. */
  RequestSpecification request() {
    return RestAssured.given().config(config).baseUri(base.toString()).urlEncodingEnabled(false);
  }

  /** A repository that nobody else uses. */
  Repository repository() {
    return repository("conformance/" + unique());
  }

  Repository repository(String name) {
    return new Repository(this, name);
  }

  Wire connect() {
    return Wire.connect(base, PATIENCE);
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
