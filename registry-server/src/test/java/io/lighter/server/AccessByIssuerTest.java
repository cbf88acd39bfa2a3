package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.lighter.server.access.AccessControl;
import io.lighter.server.access.Action;
import io.lighter.server.access.Anonymous;
import io.lighter.server.config.AccessConfig;
import io.lighter.server.config.IssuerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Tokens of an issuer elsewhere, who is found by what he says of himself, over HTTP. */
class AccessByIssuerTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String TAGS = "/v2/team/app/tags/list";
  private static final String UPLOADS = "/v2/team/app/blobs/uploads/";

  @TempDir private Path directory;
  private final List<ECKey> keys = new CopyOnWriteArrayList<>();
  private final AtomicInteger fetched = new AtomicInteger();
  private Optional<String> keysAt = Optional.empty();
  private HttpServer issuer;
  private TestServer server;

  @BeforeEach
  void start() throws Exception {
    issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    answer(
        "/.well-known/openid-configuration",
        () ->
            JSON.writeValueAsString(
                Map.of("issuer", address(), "jwks_uri", keysAt.orElse(address() + "/keys"))));
    answer(
        "/keys",
        () -> {
          fetched.incrementAndGet();
          return JSON.writeValueAsString(
              new JWKSet(List.copyOf(keys)).toPublicJWKSet().toJSONObject());
        });
    issuer.start();
    keys.add(key());
    server =
        TestServer.start(
            directory,
            TestServer.generous(),
            List.of(),
            new AccessConfig(
                Anonymous.NOTHING,
                "",
                Map.of("robots", Set.of("cluster:robot")),
                List.of(
                    rule("reader", "", Action.PULL),
                    rule("", "cluster:writers", Action.PULL, Action.PUSH),
                    rule("", "robots", Action.PULL)),
                AccessControl.Form.BEARER,
                "",
                Duration.ofMinutes(5),
                List.of(
                    new IssuerConfig(
                        "cluster",
                        URI.create(address()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()))));
  }

  @AfterEach
  void stop() {
    server.close();
    issuer.stop(0);
  }

  private interface Body {
    String text() throws IOException;
  }

  private void answer(String path, Body body) {
    issuer.createContext(
        path,
        exchange -> {
          byte[] text = body.text().getBytes(UTF_8);
          exchange.sendResponseHeaders(200, text.length);
          exchange.getResponseBody().write(text);
          exchange.close();
        });
  }

  private String address() {
    return "http://127.0.0.1:" + issuer.getAddress().getPort();
  }

  private static ECKey key() throws JOSEException {
    return new ECKeyGenerator(Curve.P_256).keyID(UUID.randomUUID().toString()).generate();
  }

  private static AccessConfig.Rule rule(String user, String group, Action... actions) {
    return new AccessConfig.Rule(
        List.of("team/**"),
        user.isEmpty() ? Optional.empty() : Optional.of(List.of("cluster:" + user)),
        group.isEmpty() ? Optional.empty() : Optional.of(List.of(group)),
        List.of(actions));
  }

  private JWTClaimsSet.Builder claims(String user, String... groups) {
    return new JWTClaimsSet.Builder()
        .issuer(address())
        .audience("lighter")
        .subject(user)
        .claim("groups", List.of(groups))
        .expirationTime(Date.from(Instant.now().plusSeconds(300)));
  }

  private static String signed(ECKey key, JWTClaimsSet claims) throws JOSEException {
    var token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(), claims);
    token.sign(new ECDSASigner(key));
    return token.serialize();
  }

  private String token(String user, String... groups) throws JOSEException {
    return signed(keys.getLast(), claims(user, groups).build());
  }

  private int tags(String authorization) {
    return server.get(TAGS, "Authorization", authorization).statusCode();
  }

  private int upload(String authorization) {
    return server.post(UPLOADS, new byte[0], "Authorization", authorization).statusCode();
  }

  private static String basic(String user, String password) {
    return "Basic " + Base64.getEncoder().encodeToString((user + ':' + password).getBytes(UTF_8));
  }

  @Test
  void token_ofTheIssuer_hasWhatRulesSayOfItsUserAndGroups() throws Exception {
    assertThat(server.get(TAGS).statusCode()).isEqualTo(401);

    // Nothing was pushed: 404 is for who may look.
    assertThat(tags("Bearer " + token("reader"))).isEqualTo(404);
    assertThat(upload("Bearer " + token("reader"))).isEqualTo(403);
    assertThat(upload("Bearer " + token("ann", "writers"))).isEqualTo(202);
    assertThat(tags("Bearer " + token("robot"))).as("a group of the configuration").isEqualTo(404);
    assertThat(tags("Bearer " + token("stranger", "readers"))).isEqualTo(403);
  }

  @Test
  void token_asPassword_isGoodForBasicAndForTokensOfTheRegistry() throws Exception {
    String login = basic("whoever", token("ann", "writers"));
    assertThat(upload(login)).isEqualTo(202);

    var answer = server.get("/token?scope=repository:team/app:pull,push", "Authorization", login);
    assertThat(answer.statusCode()).isEqualTo(200);
    String own = JSON.readTree(answer.body()).get("token").asString();
    assertThat(upload("Bearer " + own)).isEqualTo(202);
    assertThat(
            server
                .post(
                    "/v2/team/other/blobs/uploads/", new byte[0], "Authorization", "Bearer " + own)
                .statusCode())
        .as("outside of its scope")
        .isEqualTo(401);
  }

  @Test
  void token_ofTheRegistry_endsWithTheOneItWasHadFor() throws Exception {
    var soon = Date.from(Instant.now().plusSeconds(30));
    String short30 = signed(keys.getFirst(), claims("reader").expirationTime(soon).build());

    var answer = server.get("/token", "Authorization", "Bearer " + short30);
    assertThat(JSON.readTree(answer.body()).get("expires_in").asInt()).isBetween(20, 30);
  }

  @Test
  void token_notOfTheIssuer_orNotForUs_orExpired_isRefused() throws Exception {
    ECKey good = keys.getFirst();
    Map<String, String> refused =
        Map.of(
            "key of somebody else", signed(key(), claims("reader").build()),
            "for another service", signed(good, claims("reader").audience("other").build()),
            "of another issuer", signed(good, claims("reader").issuer("https://x.example").build()),
            "expired",
                signed(
                    good,
                    claims("reader")
                        .expirationTime(Date.from(Instant.now().minusSeconds(120)))
                        .build()),
            "never ends", signed(good, claims("reader").expirationTime(null).build()),
            "not yet",
                signed(
                    good,
                    claims("reader")
                        .notBeforeTime(Date.from(Instant.now().plusSeconds(600)))
                        .build()),
            "of nobody", signed(good, claims("reader").subject(null).build()),
            "signed by the public key as a secret", byPublicKeyAsSecret(good));
    refused.forEach((why, token) -> {
      assertThat(tags("Bearer " + token)).as(why).isEqualTo(401);
      assertThat(tags(basic("reader", token))).as(why).isEqualTo(401);
    });
    assertThat(tags("Bearer " + token("reader"))).as("a good one after them").isEqualTo(404);
  }

  private String byPublicKeyAsSecret(ECKey key) throws JOSEException {
    var token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(key.getKeyID()).build(),
            claims("reader").build());
    token.sign(new MACSigner(key.toPublicJWK().toJSONString().getBytes(UTF_8)));
    return token.serialize();
  }

  @Test
  void keys_ofTheIssuer_areFetchedOnceAndAgainForANewOne() throws Exception {
    for (int i = 0; i < 5; i++) {
      assertThat(tags("Bearer " + token("reader", "g" + i))).isEqualTo(404);
    }
    assertThat(fetched).hasValue(1);

    keys.add(key());
    assertThat(tags("Bearer " + token("reader"))).as("by a key that is new").isEqualTo(404);
    assertThat(fetched).hasValue(2);
  }

  @Test
  void keys_ofAnIssuerWhoNamesAnUnsafePlace_areNotFetched() throws Exception {
    Path file = directory.resolve("keys.json");
    Files.writeString(
        file, JSON.writeValueAsString(new JWKSet(keys.getFirst().toPublicJWK()).toJSONObject()));
    keysAt = Optional.of(file.toUri().toString());

    var answer = server.get(TAGS, "Authorization", "Bearer " + token("reader"));
    assertThat(answer.statusCode()).isEqualTo(503);
  }

  @Test
  void issuer_away_isSaidAndNotHeldAgainstTheToken() throws Exception {
    String token = token("reader");
    issuer.stop(0);

    var answer = server.get(TAGS, "Authorization", "Bearer " + token);
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    assertThat(new String(answer.body(), UTF_8)).contains("the keys of cluster cannot be had");
  }
}
