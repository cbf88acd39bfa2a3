package io.lighter.server.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.upstream.ScriptedUpstream.Received;
import io.lighter.server.upstream.ScriptedUpstream.Step;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenClientTest {
  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final Tag LATEST = Tag.parse("latest");
  private static final Digest KNOWN = Digest.ofSha256(new byte[] {9});
  private static final String PATH = ScriptedUpstream.manifestPath("team/app", "latest");
  private static final String BASIC = "Basic bWU6czNjcmV0"; // me:s3cret

  @TempDir Path directory;

  private final ScriptedUpstream server = ScriptedUpstream.start();
  private final ScriptedUpstream realm = ScriptedUpstream.start();
  private final SettableClock clock = new SettableClock();

  @BeforeEach
  void serve() {
    server.manifest("team/app", "latest", Images.json("one"));
    server.requireTokensOf(realm);
  }

  @AfterEach
  void close() {
    server.close();
    realm.close();
  }

  @Test
  void token_manyWaiters_isFetchedOnce() throws Exception {
    var gate = new CountDownLatch(1);
    realm.next("/token", new Step.Silence(gate));
    try (var registry = anonymous()) {
      var opener =
          Thread.ofVirtual()
              .start(() -> {
                // Let the token come when all but those that queue for a connection wait for it.
                Awaitility.await().until(() -> server.count("HEAD", PATH) >= 2);
                gate.countDown();
              });
      Concurrently.run(32, _ -> () -> registry.head(APP, LATEST, KNOWN));
      opener.join();
    }

    assertThat(realm.count("GET", "/token")).isOne();
    assertThat(realm.requests())
        .first()
        .extracting(Received::authorization)
        .isEqualTo(Optional.empty());
  }

  @Test
  void token_known_isSentAtOnceUntilShortlyBeforeItsEnd() {
    realm.tokenLifetime(Duration.ofSeconds(60));
    try (var registry = anonymous()) {
      registry.head(APP, LATEST, KNOWN);
      clock.advance(Duration.ofSeconds(44));
      registry.head(APP, LATEST, KNOWN);
      assertThat(realm.count("GET", "/token")).isOne();
      assertThat(server.count("HEAD", PATH)).as("challenged once").isEqualTo(3);

      clock.advance(Duration.ofSeconds(2));
      registry.head(APP, LATEST, KNOWN);
      assertThat(realm.count("GET", "/token")).isEqualTo(2);
    }
  }

  @Test
  void token_rejectedBeforeItsEnd_isFetchedAnew() {
    try (var registry = anonymous()) {
      registry.head(APP, LATEST, KNOWN);
      realm.revokeTokens();

      assertThat(registry.head(APP, LATEST, KNOWN)).isPresent();
      assertThat(realm.count("GET", "/token")).isEqualTo(2);
    }
  }

  @Test
  void token_refused_isDenied() {
    realm.next("/token", new Step.Status(403, Map.of()));
    try (var registry = anonymous()) {
      assertThatThrownBy(() -> registry.head(APP, LATEST, KNOWN))
          .isInstanceOf(UpstreamException.Denied.class)
          .hasMessageContaining("token request");
    }
  }

  @Test
  void token_notAccepted_isDeniedAfterOneRetry() {
    realm.next("/token", new Step.Redirect(server.uri().resolve("/token")));
    try (var registry = anonymous()) {
      assertThatThrownBy(() -> registry.head(APP, LATEST, KNOWN))
          .isInstanceOf(UpstreamException.Denied.class);
    }
    assertThat(server.count("HEAD", PATH)).isEqualTo(2);
  }

  @Test
  void credentials_areSentToTheRealmOnly() throws Exception {
    try (var registry = registry(Optional.of(credentials()))) {
      registry.head(APP, LATEST, KNOWN);
    }

    assertThat(realm.requests())
        .extracting(Received::authorization)
        .containsExactly(Optional.of(BASIC));
    assertThat(server.requests())
        .extracting(Received::authorization)
        .containsExactly(Optional.empty(), Optional.of("Bearer token-1"));
  }

  @Test
  void credentials_byPath_areThoseOfTheLongestThatCovers() throws Exception {
    var accounts =
        new CredentialsByPath(
            Optional.of(credentials()),
            List.of(account("team", "t"), account("team/app", "a"), account("team/ap", "x")));
    try (var registry =
        new UpstreamRegistry(
            server.settings("up.example", Addressing.PLAIN, accounts),
            clock,
            UpstreamObserver.none())) {
      for (String name : List.of("team/app", "team/apple", "teams/app", "team")) {
        server.manifest(name, "latest", Images.json(name));
        assertThat(registry.head(RepositoryName.parse(name), LATEST, KNOWN)).isPresent();
      }
    }

    assertThat(realm.requests())
        .extracting(request -> user(request.authorization().orElseThrow()))
        .containsExactly("a", "t", "me", "t");
  }

  private CredentialsByPath.Path account(String prefix, String user) throws Exception {
    return new CredentialsByPath.Path(
        RepositoryName.parse(prefix), new UpstreamCredentials(user, credentials().password()));
  }

  private static String user(String basic) {
    String pair = new String(Base64.getDecoder().decode(basic.substring(6)), UTF_8);
    return pair.substring(0, pair.indexOf(':'));
  }

  @Test
  void realm_redirectsElsewhere_passwordStaysBehind() throws Exception {
    try (var elsewhere = ScriptedUpstream.start();
        var registry = registry(Optional.of(credentials()))) {
      realm.next("/token", new Step.Redirect(elsewhere.uri().resolve("/token")));
      assertThatThrownBy(() -> registry.head(APP, LATEST, KNOWN))
          .isInstanceOf(UpstreamException.Denied.class);

      assertThat(realm.requests()).hasSize(1);
      assertThat(elsewhere.requests())
          .extracting(Received::authorization)
          .containsExactly(Optional.empty());
    }
  }

  @Test
  void challenge_byAHostThatWasRedirectedTo_isNotAnswered() throws Exception {
    realm.requireTokensOf(realm);
    try (var open = ScriptedUpstream.start();
        var registry =
            new UpstreamRegistry(
                open.settings("up.example", Optional.of(credentials())),
                clock,
                UpstreamObserver.none())) {
      open.always(PATH, new Step.Redirect(realm.uri().resolve(PATH)));

      assertThatThrownBy(() -> registry.head(APP, LATEST, KNOWN))
          .isInstanceOf(UpstreamException.Denied.class);
    }
    assertThat(realm.requests())
        .singleElement()
        .satisfies(request -> assertThat(request.authorization()).isEmpty());
  }

  @Test
  void basic_challenge_isAnsweredWithThePassword() throws Exception {
    try (var guarded = ScriptedUpstream.start()) {
      guarded.manifest("team/app", "latest", Images.json("one"));
      guarded.requireBasic(BASIC);
      try (var registry =
          new UpstreamRegistry(
              guarded.settings("up.example", Optional.of(credentials())),
              clock,
              UpstreamObserver.none())) {
        registry.head(APP, LATEST, KNOWN);
        registry.head(APP, LATEST, KNOWN);
      }
      assertThat(guarded.count("HEAD", PATH)).as("challenged once").isEqualTo(3);
    }
  }

  @Test
  void basic_wrongPassword_isDeniedWithoutShowingIt() throws Exception {
    try (var guarded = ScriptedUpstream.start()) {
      guarded.requireBasic("Basic other");
      try (var registry =
          new UpstreamRegistry(
              guarded.settings("up.example", Optional.of(credentials())),
              clock,
              UpstreamObserver.none())) {
        assertThatThrownBy(() -> registry.head(APP, LATEST, KNOWN))
            .isInstanceOf(UpstreamException.Denied.class)
            .hasMessageNotContaining("s3cret")
            .hasMessageNotContaining(BASIC.substring(6));
      }
    }
  }

  @Test
  void basic_noPasswordConfigured_isDenied() {
    try (var guarded = ScriptedUpstream.start()) {
      guarded.requireBasic(BASIC);
      try (var registry =
          new UpstreamRegistry(guarded.settings("up.example"), clock, UpstreamObserver.none())) {
        assertThatThrownBy(() -> registry.head(APP, LATEST, KNOWN))
            .isInstanceOf(UpstreamException.Denied.class)
            .hasMessageContaining("none is configured");
      }
    }
  }

  @Test
  void realm_withoutHttpsOfAnUpstreamWithHttps_isRefused() {
    var settings = UpstreamSettings.of("up.example", URI.create("https://up.example"));
    try (var http = new RedirectingClient(settings, AddressGuard.of(settings))) {
      var tokens = new TokenClient(settings, http, new RefusedAnswers("up.example", clock), clock);

      assertThatThrownBy(() ->
              tokens.renew(
                  new TokenClient.Login("repository:x:pull", Optional.empty()),
                  List.of("Bearer realm=\"%s/token\"".formatted(realm.uri())),
                  null))
          .isInstanceOf(UpstreamException.Invalid.class)
          .hasMessageContaining("without https");
    }
    assertThat(realm.requests()).isEmpty();
  }

  private UpstreamRegistry anonymous() {
    return registry(Optional.empty());
  }

  private UpstreamRegistry registry(Optional<UpstreamCredentials> credentials) {
    return new UpstreamRegistry(
        server.settings("up.example", credentials), clock, UpstreamObserver.none());
  }

  private UpstreamCredentials credentials() throws Exception {
    return new UpstreamCredentials(
        "me", Files.writeString(directory.resolve("password"), "s3cret\n"));
  }
}
