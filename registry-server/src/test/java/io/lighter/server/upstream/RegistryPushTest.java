package io.lighter.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pushes to a registry that wants to know who pushes, and stores bytes somewhere else. */
class RegistryPushTest {
  private static final RepositoryName REPOSITORY = new RepositoryName("team/app");
  private static final byte[] CONTENT = "content".getBytes(UTF_8);
  private static final Digest DIGEST = Digest.ofSha256(CONTENT);

  @TempDir private Path directory;
  private final Map<String, byte[]> stored = new ConcurrentHashMap<>();
  private final Queue<String> seen = new ConcurrentLinkedQueue<>();
  private final AtomicInteger tokens = new AtomicInteger();
  private volatile String valid = "none";
  private volatile boolean elsewhere;
  private final AtomicInteger drops = new AtomicInteger();
  private HttpServer registry;
  private HttpServer storage;

  @BeforeEach
  void start() throws IOException {
    registry = server(this::answer);
    storage = server(this::store);
  }

  @AfterEach
  void stop() {
    registry.stop(0);
    storage.stop(0);
  }

  @Test
  void blob_registryWantsAToken_isPushedWithOneForPushing() throws IOException {
    try (var push = push("ann", "secret")) {
      push.blob(REPOSITORY, DIGEST, file());
    }

    assertThat(stored).containsEntry(DIGEST.toString(), CONTENT);
    assertThat(seen).contains("GET /token scope=repository:team/app:pull,push");
    assertThat(tokens).as("one for all").hasValue(1);
  }

  @Test
  void blob_wrongPassword_isDeniedAndNothingIsStored() throws IOException {
    try (var push = push("ann", "wrong")) {
      Path file = file();
      assertThatThrownBy(() -> push.blob(REPOSITORY, DIGEST, file))
          .isInstanceOf(UpstreamException.Denied.class)
          .hasMessageNotContaining("wrong");
    }

    assertThat(stored).isEmpty();
  }

  @Test
  void blob_tokenExpiresInTheMiddle_isRenewed() throws IOException {
    try (var push = push("ann", "secret")) {
      push.blob(REPOSITORY, DIGEST, file());
      valid = "none";
      push.manifest(REPOSITORY, new Manifest(DIGEST, "a/b", CONTENT), new Tag("v1"));
    }

    assertThat(stored).containsEntry("v1", CONTENT);
    assertThat(tokens).hasValue(2);
  }

  @Test
  void blob_uploadGoesToAnotherHost_whichDoesNotSeeTheToken() throws IOException {
    elsewhere = true;
    try (var push = push("ann", "secret")) {
      push.blob(REPOSITORY, DIGEST, file());
    }

    assertThat(stored).containsEntry("elsewhere " + DIGEST, CONTENT);
    assertThat(seen).contains("PUT /bucket?signature=a%2Fb&digest=" + DIGEST + " no token");
  }

  @Test
  void blob_connectionIsDropped_isTriedAgain() throws IOException {
    drops.set(1);
    try (var push = push("ann", "secret")) {
      push.blob(REPOSITORY, DIGEST, file());
    }

    assertThat(stored).containsEntry(DIGEST.toString(), CONTENT);
    assertThat(seen.stream().filter(line -> line.startsWith("POST"))).hasSizeGreaterThan(2);
  }

  @Test
  void has_notThere_isFalseAndAfterThePushTrue() throws IOException {
    try (var push = push("ann", "secret")) {
      assertThat(push.has(REPOSITORY, DIGEST)).isFalse();
      push.blob(REPOSITORY, DIGEST, file());
      assertThat(push.has(REPOSITORY, DIGEST)).isTrue();
    }
  }

  private RegistryPush push(String user, String password) {
    var account = new UpstreamCredentials(user, new UpstreamCredentials.Password.Known(password));
    return new RegistryPush(
        new UpstreamSettings(
            "registry.example.com",
            uri(registry),
            Addressing.PLAIN,
            Freshness.DEFAULT,
            CredentialsByPath.of(Optional.of(account)),
            Network.DEFAULT),
        Clock.systemUTC());
  }

  private Path file() throws IOException {
    return Files.write(directory.resolve("blob"), CONTENT);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String method = exchange.getRequestMethod();
    byte[] body = exchange.getRequestBody().readAllBytes();
    if (path.equals("/token")) {
      token(exchange);
      return;
    }
    String authorization = authorization(exchange);
    seen.add(method + " " + path);
    if (!("Bearer " + valid).equals(authorization)) {
      exchange
          .getResponseHeaders()
          .set(
              "WWW-Authenticate",
              "Bearer realm=\"%s/token\",service=\"s\"".formatted(uri(registry)));
      reply(exchange, 401);
    } else if (method.equals("HEAD")) {
      reply(exchange, stored.containsKey(path.substring(path.lastIndexOf('/') + 1)) ? 200 : 404);
    } else if (method.equals("POST")) {
      URI begun =
          elsewhere ? uri(storage).resolve("/bucket?signature=a%2Fb") : uri(registry).resolve("/u");
      exchange.getResponseHeaders().set("Location", begun.toString());
      reply(exchange, 202);
    } else if (drops.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      exchange.close();
    } else {
      @Nullable String query = exchange.getRequestURI().getQuery();
      stored.put(
          query == null ? path.substring(path.lastIndexOf('/') + 1) : query.substring(7), body);
      reply(exchange, 201);
    }
  }

  private void token(HttpExchange exchange) throws IOException {
    String account = "Basic " + Base64.getEncoder().encodeToString("ann:secret".getBytes(UTF_8));
    if (!account.equals(authorization(exchange))) {
      reply(exchange, 401);
      return;
    }
    List<String> query = List.of(exchange.getRequestURI().getQuery().split("&", -1));
    seen.add(
        "GET /token "
            + query.stream().filter(part -> part.startsWith("scope=")).findFirst().orElse("none"));
    valid = "t" + tokens.incrementAndGet();
    byte[] json = "{\"token\": \"%s\"}".formatted(valid).getBytes(UTF_8);
    exchange.sendResponseHeaders(200, json.length);
    exchange.getResponseBody().write(json);
    exchange.close();
  }

  private void store(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    URI uri = exchange.getRequestURI();
    seen.add(
        "%s %s %s"
            .formatted(
                exchange.getRequestMethod(),
                uri,
                authorization(exchange).isEmpty() ? "no token" : "a token"));
    stored.put("elsewhere " + uri.getQuery().substring(uri.getQuery().indexOf("sha256")), body);
    reply(exchange, 201);
  }

  private static String authorization(HttpExchange exchange) {
    @Nullable String value = exchange.getRequestHeaders().getFirst("Authorization");
    return value == null ? "" : value;
  }

  private static void reply(HttpExchange exchange, int status) throws IOException {
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  private interface Answers {
    void to(HttpExchange exchange) throws IOException;
  }

  private static HttpServer server(Answers answers) throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", answers::to);
    server.start();
    return server;
  }

  private static URI uri(HttpServer server) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }
}
