package io.lighter.server;

import static io.lighter.server.GuardedServer.DIGEST;
import static io.lighter.server.GuardedServer.basic;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.server.GuardedServer.Who;
import io.lighter.server.access.AccessControl;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * How a caller says who he is, over HTTP: what he is asked for, passwords, tokens and what they are
 * good for, and the file of users. What he then may is in {@link AccessTest}.
 */
class AccessLoginTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir private Path directory;
  private GuardedServer guarded;

  @BeforeEach
  void start() throws IOException {
    guarded = new GuardedServer(directory);
  }

  @AfterEach
  void stop() {
    guarded.close();
  }

  @Test
  void token_ofOneRepository_isNoGoodForAnother() {
    String token = guarded.token(Who.WRITER, "repository:team/app:pull");

    assertThat(guarded.send("GET", "/v2/team/app/tags/list", "Bearer " + token).statusCode())
        .isEqualTo(200);
    var other = guarded.send("GET", "/v2/team/none/tags/list", "Bearer " + token);
    assertThat(other.statusCode()).isEqualTo(401);
    assertThat(challenge(other))
        .isEqualTo(
            "Bearer realm=\"http://127.0.0.1:%d/token\",service=\"lighter\",scope=\"repository:team/none:pull\",error=\"insufficient_scope\""
                .formatted(guarded.server.port()));
    var push = guarded.send("POST", "/v2/team/app/blobs/uploads/", "Bearer " + token);
    assertThat(push.statusCode()).isEqualTo(401);
    assertThat(challenge(push)).contains("scope=\"repository:team/app:pull,push\"");
  }

  @Test
  void token_askedForWithAToken_isRefused() {
    String token = guarded.token(Who.WRITER, "repository:team/app:pull");

    assertThat(
            guarded
                .send("GET", "/token?scope=repository:team/app:pull,push", "Bearer " + token)
                .statusCode())
        .isEqualTo(401);
  }

  @Test
  void token_noLongerGoodWithinAnUpload_uploadGoesOnWithTheNext() {
    String good = "Bearer " + guarded.token(Who.WRITER, "repository:team/app:pull,push");
    var begun = guarded.send("POST", "/v2/team/app/blobs/uploads/", good);
    String location = begun.headers().firstValue("Location").orElseThrow();
    var first = guarded.server.patch(location, "abc".getBytes(UTF_8), "Authorization", good);
    assertThat(first.statusCode()).isEqualTo(202);

    String next = first.headers().firstValue("Location").orElseThrow();
    String stale = good.substring(0, good.length() - 4) + "AAAA";
    var refused = guarded.server.patch(next, "def".getBytes(UTF_8), "Authorization", stale);
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(challenge(refused))
        .contains("scope=\"repository:team/app:pull,push\",error=\"invalid_token\"");

    var second = guarded.server.patch(next, "def".getBytes(UTF_8), "Authorization", good);
    assertThat(second.headers().firstValue("Range")).contains("0-5");
  }

  @Test
  void mount_challenge_asksForTheSourceToo() {
    String mount = "/v2/team/new/blobs/uploads/?mount=%s".formatted(DIGEST);
    assertThat(challenge(guarded.server.post(mount + "&from=team/app", new byte[0])))
        .contains("scope=\"repository:team/new:pull,push repository:team/app:pull\"");
    assertThat(challenge(guarded.server.post(mount, new byte[0])))
        .contains("scope=\"repository:team/new:pull,push repository:*:pull\"");

    String both =
        "Bearer "
            + guarded.token(Who.WRITER, "repository:team/new:pull,push+repository:team/app:pull");
    assertThat(guarded.send("POST", mount + "&from=team/app", both).statusCode()).isEqualTo(201);
    String all =
        "Bearer " + guarded.token(Who.WRITER, "repository:team/other:pull,push+repository:*:pull");
    assertThat(guarded.send("POST", mount.replace("/new/", "/other/"), all).statusCode())
        .as("by rules he may not pull everything")
        .isEqualTo(202);
  }

  @Test
  void ping_tellsHowToSayWhoOneIs() {
    var bearer = guarded.server.get("/v2/");
    assertThat(bearer.statusCode()).isEqualTo(401);
    assertThat(challenge(bearer))
        .isEqualTo(
            "Bearer realm=\"http://127.0.0.1:%d/token\",service=\"lighter\""
                .formatted(guarded.server.port()));
    assertThat(bearer.headers().firstValue("Docker-Distribution-Api-Version")).isPresent();
    assertThat(guarded.send("GET", "/v2/", "Bearer " + guarded.token(Who.NOBODY, "")).statusCode())
        .isEqualTo(200);
    assertThat(guarded.send("GET", "/v2/", basic("reader", "reader-password")).statusCode())
        .isEqualTo(200);
    assertThat(guarded.send("GET", "/v2/", basic("reader", "x")).statusCode()).isEqualTo(401);

    try (TestServer basic = guarded.start(AccessControl.Form.BASIC)) {
      var answer = basic.get("/v2/");
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(challenge(answer)).isEqualTo("Basic realm=\"lighter\"");
    }
  }

  @Test
  void tokenEndpoint_byForm_givesTheSame() {
    var answer =
        guarded.server.post(
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
    assertThat(guarded.send("POST", "/v2/team/app/blobs/uploads/", token).statusCode())
        .isEqualTo(202);
    assertThat(guarded.send("GET", "/v2/team/b/tags/list", token).statusCode()).isEqualTo(404);

    var wrong =
        guarded.server.post(
            "/token", "grant_type=password&username=writer&password=x".getBytes(UTF_8));
    assertThat(wrong.statusCode()).isEqualTo(401);
    var refresh = guarded.server.post("/token", "grant_type=refresh_token".getBytes(UTF_8));
    assertThat(refresh.statusCode()).isEqualTo(400);
  }

  @Test
  void login_wrongTooOften_waits() {
    String wrong = basic("reader", "guess");
    for (int i = 0; i < 5; i++) {
      assertThat(guarded.send("GET", "/v2/", wrong).statusCode()).isEqualTo(401);
    }
    var later = guarded.send("GET", "/v2/", wrong);
    assertThat(later.statusCode()).isEqualTo(429);
    assertThat(later.headers().firstValue("Retry-After")).isPresent();
    assertThat(guarded.send("GET", "/v2/", basic("writer", "writer-password")).statusCode())
        .isEqualTo(200);
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
              var answer = guarded.send("GET", "/v2/team/app/blobs/" + DIGEST, reader);
              assertThat(answer.statusCode()).isEqualTo(200);
              answered.incrementAndGet();
            }
          });
      try {
        assertThat(guarded.send("GET", "/v2/team/app/tags/list", writer).statusCode())
            .isEqualTo(200);
        String token = guarded.token(Who.WRITER, "repository:team/app:pull");
        guarded.accounts("stranger", "reader", "root");
        await()
            .atMost(Duration.ofSeconds(20))
            .until(() -> guarded.send("GET", "/v2/team/app/tags/list", writer).statusCode() == 401);
        assertThat(guarded.send("GET", "/v2/team/app/tags/list", "Bearer " + token).statusCode())
            .isEqualTo(401);

        Files.writeString(guarded.users, "reader:plain text");
        int before = answered.get();
        await().atMost(Duration.ofSeconds(20)).until(() -> answered.get() > before + 200);
      } finally {
        stop.set(true);
      }
      running.get();
    }
  }

  private static String challenge(HttpResponse<byte[]> answer) {
    return answer.headers().firstValue("WWW-Authenticate").orElseThrow();
  }
}
