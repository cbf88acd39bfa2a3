package io.lighter.server;

import static io.lighter.server.GuardedServer.BLOB;
import static io.lighter.server.GuardedServer.DIGEST;
import static io.lighter.server.GuardedServer.MANIFEST;
import static io.lighter.server.GuardedServer.ROOT;
import static io.lighter.server.GuardedServer.basic;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.server.GuardedServer.Who;
import io.lighter.server.access.Action;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every endpoint, every kind of caller, every rule, over HTTP. How a caller says who he is, is in
 * {@link AccessLoginTest}.
 */
class AccessTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final UUID UPLOAD = new UUID(1, 2);

  @TempDir private Path directory;
  private GuardedServer guarded;

  /** A request, what it needs, and what it is answered where it may be made. */
  private record Row(String method, String path, Action action, int allowed) {}

  @BeforeEach
  void start() throws IOException {
    guarded = new GuardedServer(directory);
  }

  @AfterEach
  void stop() {
    guarded.close();
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
          check(row, who, send(row, "Bearer " + guarded.token(who, scope(row))));
        }
      }
    }
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
  void cancel_withoutTheRightToDelete_isAllowed() {
    String writer = basic("writer", "writer-password");
    var begun = guarded.send("POST", "/v2/team/app/blobs/uploads/", writer);
    String location = begun.headers().firstValue("Location").orElseThrow();

    assertThat(guarded.server.delete(location, "Authorization", writer).statusCode())
        .isEqualTo(204);
    assertThat(guarded.send("DELETE", "/v2/team/app/manifests/1", writer).statusCode())
        .isEqualTo(403);
  }

  @Test
  void mount_fromWhatMayNotBeRead_isAsIfItWereNotThere() {
    String writer = basic("writer", "writer-password");
    String mount = "/v2/team/new/blobs/uploads/?mount=%s".formatted(DIGEST);
    var hidden = guarded.send("POST", mount + "&from=other/secret", writer);
    var missing = guarded.send("POST", mount + "&from=other/none", writer);
    var anywhere = guarded.send("POST", mount, writer);

    assertThat(hidden.statusCode()).isEqualTo(202);
    assertThat(missing.statusCode()).isEqualTo(202);
    assertThat(anywhere.statusCode()).isEqualTo(202);
    assertThat(hidden.headers().map().keySet()).isEqualTo(missing.headers().map().keySet());
    assertThat(guarded.send("POST", mount + "&from=team/app", writer).statusCode()).isEqualTo(201);
    String one = "Bearer " + guarded.token(Who.WRITER, "repository:team/new2:pull,push");
    assertThat(
            guarded
                .send("POST", mount.replace("/new/", "/new2/") + "&from=team/app", one)
                .statusCode())
        .as("a token that is not for the source")
        .isEqualTo(202);
  }

  @Test
  void catalog_listsWhatMayBePulled() {
    assertThat(catalog("")).containsExactly("public/app");
    assertThat(catalog(basic("reader", "reader-password")))
        .containsExactly("public/app", "team/app");
    assertThat(catalog(ROOT)).containsExactly("other/secret", "public/app", "team/app");
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
          case STRANGER, READER, WRITER, KEEPER, ROOT -> who.may(row.action) ? row.allowed : 403;
        };
    assertThat(answer.statusCode()).as("%s by %s", row, who).isEqualTo(expected);
    assertThat(answer.headers().firstValue("WWW-Authenticate").isPresent())
        .isEqualTo(expected == 401);
  }

  private List<String> catalog(String authorization) {
    var answer = guarded.send("GET", "/v2/_catalog", authorization);
    assertThat(answer.statusCode()).isEqualTo(200);
    var names = new ArrayList<String>();
    JSON.readTree(answer.body()).get("repositories").forEach(name -> names.add(name.asString()));
    return names;
  }

  private HttpResponse<byte[]> send(Row row, String authorization) {
    return guarded.send(row.method, row.path, authorization);
  }
}
