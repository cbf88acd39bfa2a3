package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The OpenAPI file against the server: every route is called, and every answer is as described. */
class AdminDescriptionTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String IMAGE = "team/app:1";

  @TempDir private Path data;
  @TempDir private Path elsewhere;

  private final HttpClient client = HttpClient.newHttpClient();
  private final TestImage image = TestImage.random(7);
  private TestServer server;
  private JsonNode description;

  @BeforeEach
  void serveALazyImage() {
    server = TestServer.start(data, TestServer.conversionOfHosted());
    server.push("team/app", image, "1");
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> get("conversion", "image", IMAGE).get("state").asString().equals("lazy"));
    description = get("openapi.json");
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void routes_areThoseOfTheFile() {
    assertThat(described()).isEqualTo(routes());
  }

  @Test
  void everyRoute_answersAsDescribed() {
    String layer = lazyLayer();
    readARange(layer);
    var calls = new LinkedHashMap<String, List<Map<String, String>>>();
    calls.put("GET /admin/", List.of(Map.of()));
    calls.put("GET /admin/openapi.json", List.of(Map.of()));
    calls.put("GET /admin/overview", List.of(Map.of()));
    calls.put("GET /admin/repositories", List.of(Map.of(), Map.of("limit", "1", "after", "a")));
    calls.put("GET /admin/namespaces", List.of(Map.of(), Map.of("limit", "1", "after", "a")));
    calls.put("GET /admin/tags", List.of(Map.of("repository", "team/app")));
    calls.put("GET /admin/image", List.of(Map.of("image", IMAGE)));
    calls.put("GET /admin/layer", List.of(Map.of("digest", layer), Map.of("digest", plainLayer())));
    calls.put(
        "GET /admin/layer-files",
        List.of(Map.of("digest", layer), Map.of("digest", layer, "sort", "asked", "limit", "1")));
    calls.put("POST /admin/reconvert", List.of(Map.of("image", IMAGE)));
    calls.put("GET /admin/conversions", List.of(Map.of()));
    calls.put("GET /admin/upstreams", List.of(Map.of()));
    calls.put("GET /admin/storage", List.of(Map.of()));
    calls.put("GET /admin/eviction-order", List.of(Map.of("limit", "5")));
    calls.put("GET /admin/pins", List.of(Map.of()));
    calls.put("POST /admin/gc", List.of(Map.of("dryRun", "true"), Map.of()));
    calls.put("POST /admin/evict", List.of(Map.of("dryRun", "true"), Map.of()));
    calls.put("POST /admin/verify", List.of(Map.of("restart", "true")));
    calls.put(
        "POST /admin/backup", List.of(Map.of("directory", elsewhere.resolve("backup").toString())));
    calls.put("GET /admin/conversion", List.of(Map.of("image", IMAGE)));
    calls.put("PUT /admin/prefetch-list", List.of(Map.of("image", IMAGE)));
    calls.put("GET /admin/prefetch-list", List.of(Map.of("image", IMAGE)));
    calls.put("DELETE /admin/prefetch-list", List.of(Map.of("image", IMAGE)));
    calls.put("GET /admin/startset", List.of(Map.of("image", IMAGE, "platform", "linux/amd64")));
    calls.put("POST /admin/pull", List.of(Map.of("image", "docker.io/library/none:1")));
    calls.put("POST /admin/reload", List.of(Map.of()));
    calls.put("POST /admin/invalidate", List.of(Map.of("image", IMAGE)));
    calls.put("GET /admin/jobs", List.of(Map.of()));
    calls.put("GET /debug", List.of(Map.of()));
    calls.put("GET /debug/threads", List.of(Map.of()));
    calls.put("GET /debug/memory", List.of(Map.of()));
    calls.put("GET /debug/loops", List.of(Map.of()));
    calls.put("GET /debug/store", List.of(Map.of()));
    calls.put("GET /debug/config", List.of(Map.of()));
    calls.put("GET /debug/jfr", List.of(Map.of("seconds", "1")));
    assertThat(calls.keySet()).isEqualTo(routes().keySet());

    // What this server has no upstream for is refused, as described too.
    Set<String> refused = Set.of("POST /admin/pull", "POST /admin/invalidate");
    calls.forEach((route, queries) ->
        queries.forEach(
            query -> assertAsDescribed(route, query, refused.contains(route) ? 400 : 200)));
    assertAsDescribed("POST /admin/reconvert", Map.of("parked", "true"), 204);
  }

  @Test
  void everyView_unknownParameter_refusedAsDescribed() {
    routes().keySet().stream()
        .filter(route -> route.startsWith("GET ") && !route.matches(".*(/|openapi.json)"))
        .forEach(route -> assertAsDescribed(route, Map.of("nonsense", "1"), 400));
  }

  @Test
  void image_thatIsNotStored_missingAsDescribed() {
    assertAsDescribed("GET /admin/image", Map.of("image", "team/app:2"), 404);
    assertAsDescribed("GET /admin/image", Map.of("image", "team/other:1"), 404);
    assertAsDescribed("GET /admin/tags", Map.of("repository", "team/other"), 404);
    assertAsDescribed("GET /admin/layer", Map.of("digest", "sha256:" + "0".repeat(64)), 404);
    assertAsDescribed("GET /admin/layer", Map.of("digest", "sha256:0"), 400);
    assertAsDescribed("GET /admin/tags", Map.of("repository", "team/app", "limit", "0"), 400);
  }

  @Test
  void layer_rangesThatWereRead_areItsHeat() {
    String layer = lazyLayer();
    assertThat(get("layer", "digest", layer).get("heat").isNull()).isTrue();
    readARange(layer);
    readARange(layer);
    JsonNode heat = get("layer", "digest", layer).get("heat");
    assertThat(heat.get("ranges").asLong()).isEqualTo(2);
    assertThat(heat.get("bytes").asLong()).isEqualTo(2000);
    assertThat(heat.get("counts").get(0).asLong()).isEqualTo(2);
    assertThat(heat.get("counts").get(200).asLong()).isZero();

    JsonNode files = get("layer-files", "digest", layer, "sort", "asked").get("files");
    assertThat(files.get(0).get("asked").asLong()).isEqualTo(2);
    assertThat(files.get(0).get("path").asString()).isIn("etc/seed", "usr/lib/large");
    assertThat(Stream.of("etc/seed", "usr/lib/large"))
        .containsExactlyInAnyOrder(
            files.get(0).get("path").asString(), files.get(1).get("path").asString());
  }

  @Test
  void namespace_ofALazyImage_hasWhatWasPushedAndNotWhatWasMade() {
    JsonNode namespace = get("namespaces").get("namespaces").get(0);
    assertThat(namespace.get("name").asString()).isEqualTo("team");
    assertThat(namespace.get("quotaBytes").asLong()).isZero();
    assertThat(namespace.get("pushedBytes").asLong())
        .isEqualTo(image.blobs().values().stream().mapToLong(blob -> blob.length).sum());
  }

  private void readARange(String layer) {
    var answer = server.get("/v2/team/app/blobs/" + layer, "Range", "bytes=0-999");
    assertThat(answer.statusCode()).isEqualTo(206);
  }

  private String lazyLayer() {
    JsonNode layers = get("image", "image", IMAGE).get("platforms").get(0).get("layers");
    assertThat(layers.get(0).get("state").asString()).isEqualTo("lazy");
    return layers.get(0).get("lazy").get("digest").asString();
  }

  private String plainLayer() {
    return image.layers().getFirst().digest().toString();
  }

  /** Methods and paths, with the parameters of each, as the server has them. */
  private Map<String, Set<String>> routes() {
    var routes = new TreeMap<String, Set<String>>();
    routes.put("GET /debug", Set.of());
    Stream.of("/admin/", "/debug")
        .flatMap(list -> listed(list).get("routes").valueStream())
        .forEach(route ->
            routes.put(
                route.get("method").asString() + ' ' + route.get("path").asString(),
                route
                    .get("parameters")
                    .valueStream()
                    .map(JsonNode::asString)
                    .collect(Collectors.toCollection(TreeSet::new))));
    return routes;
  }

  private JsonNode listed(String path) {
    return JSON.readTree(send("GET", path, Map.of(), "").body());
  }

  /** The same, as the file has them. */
  private Map<String, Set<String>> described() {
    var routes = new TreeMap<String, Set<String>>();
    description
        .get("paths")
        .forEachEntry((path, methods) ->
            methods.forEachEntry((method, route) ->
                routes.put(
                    method.toUpperCase(Locale.ROOT) + ' ' + path,
                    route
                        .get("parameters")
                        .valueStream()
                        .map(parameter -> parameter.get("name").asString())
                        .collect(Collectors.toCollection(TreeSet::new)))));
    return routes;
  }

  private void assertAsDescribed(String route, Map<String, String> query, int status) {
    String method = route.substring(0, route.indexOf(' '));
    String path = route.substring(route.indexOf(' ') + 1);
    String body = method.equals("PUT") ? "usr/lib/large\n" : "";
    HttpResponse<String> answer = send(method, path, query, body);
    assertThat(answer.statusCode()).as("%s %s: %s", route, query, answer.body()).isEqualTo(status);
    JsonNode responses =
        description
            .at("/paths/" + path.replace("/", "~1"))
            .get(method.toLowerCase(Locale.ROOT))
            .get("responses");
    assertThat(responses.has(Integer.toString(status))).as("%s: %d", route, status).isTrue();
    if (status == 204) {
      return;
    }
    String type = answer.headers().firstValue("Content-Type").orElse("");
    String pointer =
        "/paths/%s/%s/responses/%d/content/%s/schema"
            .formatted(
                path.replace("/", "~1"),
                method.toLowerCase(Locale.ROOT),
                status,
                type.replace("/", "~1"));
    assertThat(description.at(pointer).isMissingNode()).as(pointer).isFalse();
    if (!type.endsWith("json")) {
      return; // A text or a file.
    }
    Schema schema = schema(pointer);
    List<String> documents =
        type.endsWith("ndjson")
            ? answer.body().lines().filter(line -> !line.isBlank()).toList()
            : List.of(answer.body());
    for (String document : documents) {
      assertThat(schema.validate(JSON.readTree(document))).as("%s: %s", route, document).isEmpty();
    }
  }

  private Schema schema(String pointer) {
    return SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            builder -> builder.schemas(Map.of("urn:admin", description.toString())))
        .getSchema(SchemaLocation.of("urn:admin#" + pointer));
  }

  private JsonNode get(String name, String... query) {
    var parameters = new LinkedHashMap<String, String>();
    for (int i = 0; i < query.length; i += 2) {
      parameters.put(query[i], query[i + 1]);
    }
    HttpResponse<String> answer = send("GET", "/admin/" + name, parameters, "");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private HttpResponse<String> send(
      String method, String path, Map<String, String> query, String body) {
    String parameters =
        query.entrySet().stream()
            .map(entry -> entry.getKey() + '=' + URLEncoder.encode(entry.getValue(), UTF_8))
            .collect(Collectors.joining("&"));
    URI uri =
        URI.create(
            "http://127.0.0.1:%d%s%s"
                .formatted(
                    server.managementPort(), path, parameters.isEmpty() ? "" : '?' + parameters));
    try {
      return client.send(
          HttpRequest.newBuilder(uri).method(method, BodyPublishers.ofString(body)).build(),
          BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
