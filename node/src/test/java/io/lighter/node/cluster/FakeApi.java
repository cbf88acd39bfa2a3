package io.lighter.node.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Objects by path with versions, as much of a Kubernetes API server as nodes ask for. */
final class FakeApi implements AutoCloseable {
  private final Map<String, ObjectNode> objects = new HashMap<>();
  private final HttpServer server;
  private final Path account;
  private final List<String> queries = new ArrayList<>();
  private long version;

  FakeApi(Path account) throws IOException {
    this.account = account;
    Files.writeString(account.resolve("token"), "secret");
    Files.writeString(account.resolve("namespace"), "lighter\n");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.setExecutor(Thread::startVirtualThread);
    server.start();
  }

  KubernetesApi client() {
    return new KubernetesApi(
        HttpClient.newHttpClient(),
        URI.create("http://localhost:" + server.getAddress().getPort()),
        account);
  }

  synchronized void put(String path, String json) {
    var object = (ObjectNode) JsonMapper.shared().readTree(json);
    store(path, object);
  }

  /** The queries of all requests, decoded. */
  synchronized List<String> queries() {
    return List.copyOf(queries);
  }

  private synchronized void note(@Nullable String query) {
    if (query != null) {
      queries.add(query);
    }
  }

  synchronized @Nullable ObjectNode get(String path) {
    return objects.get(path);
  }

  private void store(String path, ObjectNode object) {
    ((ObjectNode) object.get("metadata")).put("resourceVersion", "" + ++version);
    objects.put(path, object);
  }

  private void answer(HttpExchange exchange) {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      note(exchange.getRequestURI().getQuery());
      byte[] body = exchange.getRequestBody().readAllBytes();
      int status = status(exchange.getRequestMethod(), path, body);
      ObjectNode object = get(path);
      byte[] answer = (status == 200 && object != null ? object.toString() : "{}").getBytes(UTF_8);
      exchange.sendResponseHeaders(status, answer.length);
      exchange.getResponseBody().write(answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private synchronized int status(String method, String path, byte[] body) {
    return switch (method) {
      case "GET" -> objects.containsKey(path) ? 200 : 404;
      case "POST" -> create(path, (ObjectNode) JsonMapper.shared().readTree(body));
      case "DELETE" -> objects.remove(path) == null ? 404 : 200;
      default -> replace(path, (ObjectNode) JsonMapper.shared().readTree(body));
    };
  }

  private int create(String folder, ObjectNode object) {
    String path = folder + "/" + object.at("/metadata/name").asString();
    if (objects.containsKey(path)) {
      return 409;
    }
    store(path, object);
    return 201;
  }

  private int replace(String path, ObjectNode object) {
    ObjectNode there = objects.get(path);
    if (there == null) {
      return 404;
    }
    String versions = "/metadata/resourceVersion";
    if (!there.at(versions).asString().equals(object.at(versions).asString())) {
      return 409;
    }
    store(path, object);
    return 200;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
