package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.password4j.BcryptFunction;
import com.password4j.types.Bcrypt;
import io.lighter.server.access.AccessControl;
import io.lighter.server.access.Action;
import io.lighter.server.access.Anonymous;
import io.lighter.server.config.AccessConfig;
import io.lighter.server.config.ServerConfig.ManagementAccess;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.json.JsonMapper;

/** {@code management.access: admins}, and what pages from elsewhere may not. */
class ManagementAccessTest {
  private static final String ROOT = basic("root", "root-password");
  private static final String PUSHER = basic("pusher", "pusher-password");

  @TempDir private Path directory;
  private final HttpClient client = HttpClient.newHttpClient();
  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    Path users = directory.resolve("users");
    Files.writeString(users, account("root") + account("pusher"));
    server =
        new TestSetup(directory.resolve("data"))
            .management(ManagementAccess.ADMINS)
            .access(
                new AccessConfig(
                    Anonymous.PULL,
                    users.toString(),
                    Map.of(),
                    List.of(
                        rule("**", "root", Action.ADMIN),
                        rule("**", "pusher", Action.PULL, Action.PUSH, Action.DELETE),
                        rule("team/**", "pusher", Action.ADMIN)),
                    AccessControl.Form.BEARER,
                    "",
                    Duration.ofMinutes(5),
                    List.of()))
            .start();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void get_ofWhatOperatorsSee_takesAnAdmin() throws Exception {
    for (String path : List.of("/admin/overview", "/admin/openapi.json", "/ui/", "/ui/style.css")) {
      HttpResponse<String> nobody = send("GET", path);
      assertThat(nobody.statusCode()).as(path).isEqualTo(401);
      assertThat(nobody.headers().firstValue("WWW-Authenticate"))
          .hasValueSatisfying(challenge -> assertThat(challenge).startsWith("Basic realm="));
      assertThat(send("GET", path, "Authorization", basic("root", "no")).statusCode())
          .as(path)
          .isEqualTo(401);
      assertThat(send("GET", path, "Authorization", PUSHER).statusCode()).as(path).isEqualTo(403);
    }
    assertThat(send("GET", "/admin/overview", "Authorization", ROOT).statusCode()).isEqualTo(200);
    assertThat(send("GET", "/ui/", "Authorization", ROOT).statusCode()).isEqualTo(200);
  }

  @Test
  void get_ofHealthAndMetrics_takesNobody() throws Exception {
    for (String path : List.of("/health/live", "/health/ready", "/metrics")) {
      assertThat(send("GET", path).statusCode()).as(path).isEqualTo(200);
    }
  }

  @Test
  void token_forRepositories_isNoneForThis() throws Exception {
    var answer =
        server.get("/token?service=lighter&scope=repository:*:pull", "Authorization", ROOT);
    String token = JsonMapper.builder().build().readTree(answer.body()).get("token").asString();
    assertThat(send("GET", "/admin/overview", "Authorization", "Bearer " + token).statusCode())
        .isEqualTo(403);
  }

  @Test
  void operations_byWhoMayNot_areNotDone() throws Exception {
    assertThat(send("POST", "/admin/gc").statusCode()).isEqualTo(401);
    assertThat(send("POST", "/admin/gc", "Authorization", PUSHER).statusCode()).isEqualTo(403);
    assertThat(server.management("/metrics")).doesNotContain("lighter_gc_runs_seconds_count");
    assertThat(send("POST", "/admin/gc", "Authorization", ROOT).statusCode()).isEqualTo(200);
    assertThat(server.management("/metrics")).contains("lighter_gc_runs_seconds_count");
  }

  @Test
  void body_behindAPasswordThatIsCompared_arrives() throws Exception {
    // Too long to have come with the head, so it waits until the password was compared.
    String list =
        IntStream.range(0, 2000)
            .mapToObj(n -> "/usr/bin/%04d%s\n".formatted(n, "-long".repeat(40)))
            .collect(Collectors.joining());
    HttpResponse<String> answer =
        client.send(
            request("/admin/prefetch-list?image=team/none:1", "Authorization", ROOT)
                .PUT(BodyPublishers.ofString(list))
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).contains("2000");
  }

  @Test
  void pageOfAnotherOrigin_mayNotAskForAnything_evenWithThePassword() throws Exception {
    String own = "http://127.0.0.1:" + server.managementPort();
    assertThat(post("Origin", own)).isEqualTo(200);
    assertThat(post("Sec-Fetch-Site", "same-origin")).isEqualTo(200);
    assertThat(post("Sec-Fetch-Site", "none")).isEqualTo(200);

    assertThat(post("Origin", "https://evil.example")).isEqualTo(403);
    assertThat(post("Origin", "null")).isEqualTo(403);
    assertThat(post("Origin", "http://127.0.0.1:1")).isEqualTo(403);
    assertThat(post("Sec-Fetch-Site", "cross-site")).isEqualTo(403);
    assertThat(post("Sec-Fetch-Site", "same-site")).isEqualTo(403);
  }

  private int post(String header, String value) throws Exception {
    return send("POST", "/admin/gc?dryRun=true", "Authorization", ROOT, header, value).statusCode();
  }

  @Test
  void command_saysWhoAsks() throws IOException {
    Path password = Files.writeString(directory.resolve("password"), "root-password\n");
    assertThat(run("gc", "--dry-run", "--user", "root", "--password-file", password.toString()))
        .as("its exit status and errors")
        .isEqualTo("0 ");
    assertThat(run("gc", "--dry-run"))
        .startsWith("1 ")
        .contains("management.access", "--user NAME with --password-file FILE", "--token-file");
    assertThat(run("gc", "--dry-run", "--user", "root")).startsWith("1 ").contains("together");
    assertThat(run("gc", "--user", "root", "--password-file", directory + "/none"))
        .startsWith("1 ")
        .contains("--password-file", "none");
  }

  private String run(String... arguments) {
    var err = new StringWriter();
    CommandLine commands =
        Main.commandLine().setOut(new PrintWriter(new StringWriter())).setErr(new PrintWriter(err));
    var all = new String[arguments.length + 2];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    all[arguments.length] = "--management";
    all[arguments.length + 1] = "127.0.0.1:" + server.managementPort();
    return commands.execute(all) + " " + err;
  }

  private HttpResponse<String> send(String method, String path, String... headers)
      throws Exception {
    return client.send(
        request(path, headers).method(method, BodyPublishers.noBody()).build(),
        BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path, String... headers) {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.managementPort() + path));
    return headers.length == 0 ? request : request.headers(headers);
  }

  private static AccessConfig.Rule rule(String repositories, String user, Action... actions) {
    return new AccessConfig.Rule(
        List.of(repositories), Optional.of(List.of(user)), Optional.empty(), List.of(actions));
  }

  private static String account(String name) {
    return "%s:%s%n"
        .formatted(
            name, BcryptFunction.getInstance(Bcrypt.Y, 4).hash(name + "-password").getResult());
  }

  private static String basic(String user, String password) {
    return "Basic " + Base64.getEncoder().encodeToString((user + ':' + password).getBytes(UTF_8));
  }
}
