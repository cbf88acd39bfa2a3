package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.password4j.BcryptFunction;
import com.password4j.types.Bcrypt;
import io.lighter.oci.Digest;
import io.lighter.oci.MediaTypes;
import io.lighter.server.access.AccessControl;
import io.lighter.server.access.Action;
import io.lighter.server.access.Anonymous;
import io.lighter.server.config.AccessConfig;
import io.lighter.server.upstream.Images;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/**
 * A server with accounts and rules, a blob and a tag in each of {@code team/app}, {@code
 * public/app} and {@code other/secret}, and what callers send to it.
 */
final class GuardedServer implements AutoCloseable {
  static final byte[] BLOB = "a blob of the team".getBytes(UTF_8);
  static final Digest DIGEST = Digest.ofSha256(BLOB);
  static final byte[] MANIFEST = Images.listing(List.of()).getBytes(UTF_8);
  static final String ROOT = basic("root", "root-password");

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** The file of users. */
  final Path users;

  final TestServer server;
  private final Path directory;

  /** Who asks, and what he may in {@code team/}. */
  enum Who {
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

    boolean may(Action action) {
      return actions.contains(action);
    }

    String user() {
      return name().toLowerCase(Locale.ROOT);
    }

    String password() {
      return this == IMPOSTOR ? "not it" : user() + "-password";
    }
  }

  GuardedServer(Path directory) throws IOException {
    this.directory = directory;
    users = directory.resolve("users");
    accounts("stranger", "reader", "writer", "keeper", "root", "impostor");
    server = start(AccessControl.Form.BEARER);
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
                      MediaTypes.OCI_INDEX,
                      "Authorization",
                      ROOT)
                  .statusCode())
          .isEqualTo(201);
    }
  }

  /** Starts one more with these users and rules, which has nothing yet and asks in this way. */
  TestServer start(AccessControl.Form form) {
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

  /** Writes the file of users anew, each with his name and "-password". */
  void accounts(String... names) throws IOException {
    var lines = new StringBuilder("# users\n");
    for (String name : names) {
      lines
          .append(name)
          .append(':')
          .append(BcryptFunction.getInstance(Bcrypt.Y, 4).hash(name + "-password").getResult())
          .append('\n');
    }
    Files.writeString(users, lines.toString());
  }

  static String basic(String user, String password) {
    return "Basic " + Base64.getEncoder().encodeToString((user + ':' + password).getBytes(UTF_8));
  }

  /** The token that he gets for this scope. */
  String token(Who who, String scope) {
    var answer =
        send(
            "GET",
            "/token?service=lighter&scope=" + scope,
            who == Who.NOBODY ? "" : basic(who.user(), who.password()));
    assertThat(answer.statusCode()).isEqualTo(200);
    return JSON.readTree(answer.body()).get("token").asString();
  }

  /** Sends a request without a body; the header says who asks, if it is not empty. */
  HttpResponse<byte[]> send(String method, String path, String authorization) {
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

  @Override
  public void close() {
    server.close();
  }

  private static AccessConfig.Rule rule(
      String repositories, List<String> users, List<String> groups, Action... actions) {
    return new AccessConfig.Rule(
        List.of(repositories), Optional.of(users), Optional.of(groups), List.of(actions));
  }
}
