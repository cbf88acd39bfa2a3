package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.password4j.BcryptFunction;
import com.password4j.types.Bcrypt;
import io.lighter.oci.Digest;
import io.lighter.server.access.AccessControl;
import io.lighter.server.access.Action;
import io.lighter.server.access.Anonymous;
import io.lighter.server.config.AccessConfig;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Every endpoint, every kind of caller, every rule, over HTTP. */
class AccessTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final byte[] BLOB = "a blob of the team".getBytes(UTF_8);
  private static final Digest DIGEST = Digest.ofSha256(BLOB);
  private static final byte[] MANIFEST =
      """
      {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}\
      """
          .getBytes(UTF_8);
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final UUID UPLOAD = new UUID(1, 2);
  private static final String ROOT = basic("root", "root-password");

  @TempDir private Path directory;
  private Path users;
  private TestServer server;

  /** Who asks, and what he may in {@code team/}. */
  private enum Who {
    NOBODY(Set.of()),
    IMPOSTOR(Set.of()),
    STRANGER(Set.of()),
    READER(Set.of(Action.PULL)),
    WRITER(Set.of(Action.PULL, Action.PUSH)),
    KEEPER(Set.of(Action.PULL, Action.PUSH, Action.DELETE)),
    ROOT(Set.of(Action.PULL, Action.PUSH, Action.DELETE));

    @SuppressWarnings("ImmutableEnumChecker") // Set.of is.
    private final Set<Action> actions;

    Who(Set<Action> actions) {
      this.actions = actions;
    }

    String user() {
      return name().toLowerCase(Locale.ROOT);
    }

    String password() {
      return this == IMPOSTOR ? "not it" : user() + "-password";
    }
  }

  /** A request, what it needs, and what it is answered where it may be made. */
  private record Row(String method, String path, Action action, int allowed) {}

  @BeforeEach
  void start() throws IOException {
    users = directory.resolve("users");
    Files.writeString(users, file("stranger", "reader", "writer", "keeper", "root", "impostor"));
    server = server(AccessControl.Form.BEARER);
    for (String repository : List.of("team/app", "public/app", "other/secret")) {
      assertThat(
              server
                  .post(
                      "/v2/%s/blobs/uploads/?digest=%s".formatted(repository, DIGEST),
                      BLOB,
                      "Authorization",
                      ROOT)
                  .statusCode())
          .isEqualTo(201);
      assertThat(
              server
                  .put(
                      "/v2/%s/manifests/1".formatted(repository),
                      MANIFEST,
                      "Content-Type",
                      INDEX,
                      "Authorization",
                      ROOT)
                  .statusCode())
          .isEqualTo(201);
    }
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private TestServer server(AccessControl.Form form) {
    return TestServer.start(
        directory.resolve(form.name()),
        TestServer.generous(),
        List.of(),
        new AccessConfig(
            Anonymous.NOTHING,
            users.toString(),
            Map.of("writers", Set.of("writer")),
            List.of(
                rule("public/**", List.of("anonymous"), List.of(), Action.PULL),
                rule("team/**", List.of("reader"), List.of(), Action.PULL),
                rule("team/**", List.of(), List.of("writers"), Action.PULL, Action.PUSH),
                rule(
                    "team/**",
                    List.of("keeper"),
                    List.of(),
                    Action.PULL,
                    Action.PUSH,
                    Action.DELETE),
                rule("**", List.of("root"), List.of(), Action.ADMIN)),
            form,
            "",
            Duration.ofMinutes(5),
            List.of()));
  }

  private static AccessConfig.Rule rule(
      String repositories, List<String> users, List<String> groups, Action... actions) {
    return new AccessConfig.Rule(
        List.of(repositories), Optional.of(users), Optional.of(groups), List.of(actions));
  }

  private static List<Row> rows(String repository, boolean exists) {
    String v2 = "/v2/" + repository;
    String index = Digest.ofSha256(MANIFEST).toString();
    int found = exists ? 200 : 404;
    return List.of(
        new Row("GET", v2 + "/tags/list", Action.PULL, found),
        new Row("GET", v2 + "/manifests/1", Action.PULL, found),
        new Row("HEAD", v2 + "/manifests/1", Action.PULL, found),
        new Row("GET", v2 + "/manifests/" + index, Action.PULL, found),
        new Row("GET", v2 + "/blobs/" + DIGEST, Action.PULL, found),
        new Row("HEAD", v2 + "/blobs/" + DIGEST, Action.PULL, found),
        new Row("GET", v2 + "/blobs/" + DIGEST, Action.PULL, found), // Hot by now.
        new Row("GET", v2 + "/referrers/" + DIGEST, Action.PULL, 200),
        new Row("POST", v2 + "/blobs/uploads/", Action.PUSH, 202),
        new Row("GET", v2 + "/blobs/uploads/" + UPLOAD, Action.PUSH, 404),
        new Row("PATCH", v2 + "/blobs/uploads/" + UPLOAD, Action.PUSH, 404),
        new Row("PUT", v2 + "/blobs/uploads/" + UPLOAD, Action.PUSH, 404),
        new Row("DELETE", v2 + "/blobs/uploads/" + UPLOAD, Action.PUSH, 404),
        new Row("DELETE", v2 + "/manifests/none", Action.DELETE, 404),
        new Row("DELETE", v2 + "/blobs/sha256:" + "0".repeat(64), Action.DELETE, 404));
  }

  @Test
  void everyEndpoint_byBasic_isAnsweredByTheRules() {
    int number = 0;
    for (Row row : all()) {
      for (Who who : Who.values()) {
        // Of another name each time, or he would have to wait.
        String user = who == Who.IMPOSTOR ? "impostor" + number++ : who.user();
        String header = who == Who.NOBODY ? "" : basic(user, who.password());
        check(row, who, send(row, header));
      }
    }
  }

  @Test
  void everyEndpoint_byToken_isAnsweredByTheRules() {
    for (Row row : all()) {
      for (Who who : Who.values()) {
        if (who != Who.IMPOSTOR) {
          check(row, who, send(row, "Bearer " + token(who, scope(row))));
        }
      }
    }
  }

  private static List<Row> all() {
    var rows = new ArrayList<>(rows("team/app", true));
    rows.addAll(rows("team/none", false));
    return rows;
  }

  private static String scope(Row row) {
    String name = row.path.startsWith("/v2/team/app") ? "team/app" : "team/none";
    return "repository:%s:pull,push,delete".formatted(name);
  }

  private static void check(Row row, Who who, HttpResponse<byte[]> answer) {
    int expected =
        switch (who) {
          case NOBODY, IMPOSTOR -> 401;
          case STRANGER, READER, WRITER, KEEPER, ROOT ->
              who.actions.contains(row.action) ? row.allowed : 403;
        };
    assertThat(answer.statusCode()).as("%s by %s", row, who).isEqualTo(expected);
    assertThat(answer.headers().firstValue("WWW-Authenticate").isPresent())
        .isEqualTo(expected == 401);
  }

  @Test
  void publicRepository_isPulledByEverybodyAndPushedByNobodyElse() {
    for (String header : List.of("", basic("stranger", "stranger-password"))) {
      var read = new Row("GET", "/v2/public/app/blobs/" + DIGEST, Action.PULL, 200);
      assertThat(send(read, header).statusCode()).isEqualTo(200);
      assertThat(send(read, header).body()).isEqualTo(BLOB);
      var write = new Row("POST", "/v2/public/app/blobs/uploads/", Action.PUSH, 202);
      assertThat(send(write, header).statusCode()).isEqualTo(header.isEmpty() ? 401 : 403);
    }
  }

  @Test
  void denied_tellsNothingOfWhatExists() {
    for (String header : List.of("", basic("stranger", "stranger-password"))) {
      List<Row> there = rows("team/app", true);
      List<Row> notThere = rows("team/not", false);
      for (int i = 0; i < there.size(); i++) {
        var one = send(there.get(i), header);
        var other = send(notThere.get(i), header);
        assertThat(one.statusCode()).isEqualTo(other.statusCode());
        assertThat(new String(one.body(), UTF_8).replace("team/app", "team/not"))
            .isEqualTo(new String(other.body(), UTF_8));
        assertThat(one.headers().map().keySet()).isEqualTo(other.headers().map().keySet());
      }
    }
  }

  @Test
  void token_ofOneRepository_isNoGoodForAnother() {
    String token = token(Who.WRITER, "repository:team/app:pull");

    assertThat(send("GET", "/v2/team/app/tags/list", "Bearer " + token).statusCode())
        .isEqualTo(200);
    var other = send("GET", "/v2/team/none/tags/list", "Bearer " + token);
    assertThat(other.statusCode()).isEqualTo(401);
    assertThat(challenge(other))
        .isEqualTo(
            "Bearer realm=\"http://127.0.0.1:%d/token\",service=\"lighter\",scope=\"repository:team/none:pull\",error=\"insufficient_scope\""
                .formatted(server.port()));
    var push = send("POST", "/v2/team/app/blobs/uploads/", "Bearer " + token);
    assertThat(push.statusCode()).isEqualTo(401);
    assertThat(challenge(push)).contains("scope=\"repository:team/app:pull,push\"");
  }

  @Test
  void token_askedForWithAToken_isRefused() {
    String token = token(Who.WRITER, "repository:team/app:pull");

    assertThat(
            send("GET", "/token?scope=repository:team/app:pull,push", "Bearer " + token)
                .statusCode())
        .isEqualTo(401);
  }

  @Test
  void token_noLongerGoodWithinAnUpload_uploadGoesOnWithTheNext() {
    String good = "Bearer " + token(Who.WRITER, "repository:team/app:pull,push");
    var begun = send("POST", "/v2/team/app/blobs/uploads/", good);
    String location = begun.headers().firstValue("Location").orElseThrow();
    var first = server.patch(location, "abc".getBytes(UTF_8), "Authorization", good);
    assertThat(first.statusCode()).isEqualTo(202);

    String next = first.headers().firstValue("Location").orElseThrow();
    String stale = good.substring(0, good.length() - 4) + "AAAA";
    var refused = server.patch(next, "def".getBytes(UTF_8), "Authorization", stale);
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(challenge(refused))
        .contains("scope=\"repository:team/app:pull,push\",error=\"invalid_token\"");

    var second = server.patch(next, "def".getBytes(UTF_8), "Authorization", good);
    assertThat(second.headers().firstValue("Range")).contains("0-5");
  }

  @Test
  void cancel_withoutTheRightToDelete_isAllowed() {
    String writer = basic("writer", "writer-password");
    var begun = send("POST", "/v2/team/app/blobs/uploads/", writer);
    String location = begun.headers().firstValue("Location").orElseThrow();

    assertThat(server.delete(location, "Authorization", writer).statusCode()).isEqualTo(204);
    assertThat(send("DELETE", "/v2/team/app/manifests/1", writer).statusCode()).isEqualTo(403);
  }

  @Test
  void mount_fromWhatMayNotBeRead_isAsIfItWereNotThere() {
    String writer = basic("writer", "writer-password");
    String mount = "/v2/team/new/blobs/uploads/?mount=%s".formatted(DIGEST);
    var hidden = send("POST", mount + "&from=other/secret", writer);
    var missing = send("POST", mount + "&from=other/none", writer);
    var anywhere = send("POST", mount, writer);

    assertThat(hidden.statusCode()).isEqualTo(202);
    assertThat(missing.statusCode()).isEqualTo(202);
    assertThat(anywhere.statusCode()).isEqualTo(202);
    assertThat(hidden.headers().map().keySet()).isEqualTo(missing.headers().map().keySet());
    assertThat(send("POST", mount + "&from=team/app", writer).statusCode()).isEqualTo(201);
    String one = "Bearer " + token(Who.WRITER, "repository:team/new2:pull,push");
    assertThat(send("POST", mount.replace("/new/", "/new2/") + "&from=team/app", one).statusCode())
        .as("a token that is not for the source")
        .isEqualTo(202);
  }

  @Test
  void mount_challenge_asksForTheSourceToo() {
    String mount = "/v2/team/new/blobs/uploads/?mount=%s".formatted(DIGEST);
    assertThat(challenge(server.post(mount + "&from=team/app", new byte[0])))
        .contains("scope=\"repository:team/new:pull,push repository:team/app:pull\"");
    assertThat(challenge(server.post(mount, new byte[0])))
        .contains("scope=\"repository:team/new:pull,push repository:*:pull\"");

    String both =
        "Bearer " + token(Who.WRITER, "repository:team/new:pull,push+repository:team/app:pull");
    assertThat(send("POST", mount + "&from=team/app", both).statusCode()).isEqualTo(201);
    String all = "Bearer " + token(Who.WRITER, "repository:team/other:pull,push+repository:*:pull");
    assertThat(send("POST", mount.replace("/new/", "/other/"), all).statusCode())
        .as("by rules he may not pull everything")
        .isEqualTo(202);
  }

  @Test
  void catalog_listsWhatMayBePulled() {
    assertThat(catalog("")).containsExactly("public/app");
    assertThat(catalog(basic("reader", "reader-password")))
        .containsExactly("public/app", "team/app");
    assertThat(catalog(ROOT)).containsExactly("other/secret", "public/app", "team/app");
  }

  @Test
  void ping_tellsHowToSayWhoOneIs() {
    var bearer = server.get("/v2/");
    assertThat(bearer.statusCode()).isEqualTo(401);
    assertThat(challenge(bearer))
        .isEqualTo(
            "Bearer realm=\"http://127.0.0.1:%d/token\",service=\"lighter\""
                .formatted(server.port()));
    assertThat(bearer.headers().firstValue("Docker-Distribution-Api-Version")).isPresent();
    assertThat(send("GET", "/v2/", "Bearer " + token(Who.NOBODY, "")).statusCode()).isEqualTo(200);
    assertThat(send("GET", "/v2/", basic("reader", "reader-password")).statusCode()).isEqualTo(200);
    assertThat(send("GET", "/v2/", basic("reader", "x")).statusCode()).isEqualTo(401);

    try (TestServer basic = server(AccessControl.Form.BASIC)) {
      var answer = basic.get("/v2/");
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(challenge(answer)).isEqualTo("Basic realm=\"lighter\"");
    }
  }

  @Test
  void tokenEndpoint_byForm_givesTheSame() {
    var answer =
        server.post(
            "/token",
            "grant_type=password&service=lighter&username=writer&password=writer-password&scope=repository%3Ateam%2Fapp%3Apull%2Cpush+repository%3Ateam%2Fb%3Apull"
                .getBytes(UTF_8),
            "Content-Type",
            "application/x-www-form-urlencoded");
    assertThat(answer.statusCode()).isEqualTo(200);
    var body = JSON.readTree(answer.body());
    assertThat(body.get("access_token").asString()).isEqualTo(body.get("token").asString());
    assertThat(body.get("expires_in").asInt()).isEqualTo(300);
    String token = "Bearer " + body.get("token").asString();
    assertThat(send("POST", "/v2/team/app/blobs/uploads/", token).statusCode()).isEqualTo(202);
    assertThat(send("GET", "/v2/team/b/tags/list", token).statusCode()).isEqualTo(404);

    var wrong =
        server.post("/token", "grant_type=password&username=writer&password=x".getBytes(UTF_8));
    assertThat(wrong.statusCode()).isEqualTo(401);
    var refresh = server.post("/token", "grant_type=refresh_token".getBytes(UTF_8));
    assertThat(refresh.statusCode()).isEqualTo(400);
  }

  @Test
  void login_wrongTooOften_waits() {
    String wrong = basic("reader", "guess");
    for (int i = 0; i < 5; i++) {
      assertThat(send("GET", "/v2/", wrong).statusCode()).isEqualTo(401);
    }
    var later = send("GET", "/v2/", wrong);
    assertThat(later.statusCode()).isEqualTo(429);
    assertThat(later.headers().firstValue("Retry-After")).isPresent();
    assertThat(send("GET", "/v2/", basic("writer", "writer-password")).statusCode()).isEqualTo(200);
  }

  @Test
  void users_replacedUnderLoad_nobodyElseNotices() throws Exception {
    var stop = new AtomicBoolean();
    var answered = new AtomicInteger();
    String reader = basic("reader", "reader-password");
    String writer = basic("writer", "writer-password");
    try (var load = Executors.newVirtualThreadPerTaskExecutor()) {
      var running =
          load.submit(() -> {
            while (!stop.get()) {
              var answer = send("GET", "/v2/team/app/blobs/" + DIGEST, reader);
              assertThat(answer.statusCode()).isEqualTo(200);
              answered.incrementAndGet();
            }
          });
      try {
        assertThat(send("GET", "/v2/team/app/tags/list", writer).statusCode()).isEqualTo(200);
        String token = token(Who.WRITER, "repository:team/app:pull");
        Files.writeString(users, file("stranger", "reader", "root"));
        await()
            .atMost(Duration.ofSeconds(20))
            .until(() -> send("GET", "/v2/team/app/tags/list", writer).statusCode() == 401);
        assertThat(send("GET", "/v2/team/app/tags/list", "Bearer " + token).statusCode())
            .isEqualTo(401);

        Files.writeString(users, "reader:plain text");
        int before = answered.get();
        await().atMost(Duration.ofSeconds(20)).until(() -> answered.get() > before + 200);
      } finally {
        stop.set(true);
      }
      running.get();
    }
  }

  private List<String> catalog(String authorization) {
    var answer = send("GET", "/v2/_catalog", authorization);
    assertThat(answer.statusCode()).isEqualTo(200);
    var names = new ArrayList<String>();
    JSON.readTree(answer.body()).get("repositories").forEach(name -> names.add(name.asString()));
    return names;
  }

  private String token(Who who, String scope) {
    var answer =
        send(
            "GET",
            "/token?service=lighter&scope=" + scope,
            who == Who.NOBODY ? "" : basic(who.user(), who.password()));
    assertThat(answer.statusCode()).isEqualTo(200);
    return JSON.readTree(answer.body()).get("token").asString();
  }

  private static String challenge(HttpResponse<byte[]> answer) {
    return answer.headers().firstValue("WWW-Authenticate").orElseThrow();
  }

  private HttpResponse<byte[]> send(Row row, String authorization) {
    return send(row.method, row.path, authorization);
  }

  private HttpResponse<byte[]> send(String method, String path, String authorization) {
    String[] headers =
        authorization.isEmpty() ? new String[0] : new String[] {"Authorization", authorization};
    return switch (method) {
      case "GET" -> server.get(path, headers);
      case "HEAD" -> server.head(path, headers);
      case "DELETE" -> server.delete(path, headers);
      case "POST" -> server.post(path, new byte[0], headers);
      case "PUT" -> server.put(path, new byte[0], headers);
      case "PATCH" -> server.patch(path, new byte[0], headers);
      default -> throw new IllegalArgumentException(method);
    };
  }

  private static String basic(String user, String password) {
    return "Basic " + Base64.getEncoder().encodeToString((user + ':' + password).getBytes(UTF_8));
  }

  /** A file of users, each with his name and "-password". */
  private static String file(String... names) {
    var lines = new StringBuilder("# users\n");
    for (String name : names) {
      lines
          .append(name)
          .append(':')
          .append(BcryptFunction.getInstance(Bcrypt.Y, 4).hash(name + "-password").getResult())
          .append('\n');
    }
    return lines.toString();
  }
}
