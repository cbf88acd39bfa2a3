package io.lighter.server.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What Lighter shows an upstream to be let in, by scope. A token is fetched when the upstream first
 * asks for one, once for all who wait for it, and used until shortly before it expires.
 *
 * <p>The password goes to the upstream's own endpoint, or to the token endpoint that it names, and
 * to nobody else; the token endpoint of an upstream with https must have https too.
 *
 * <p>Thread-safe; {@link #renew} blocks.
 */
final class TokenClient {
  private static final int MAX_TOKENS = 10_000;
  private static final int MAX_ANSWER = 256 * 1024;

  /** What the specification assumes where an answer does not say. */
  private static final long DEFAULT_SECONDS = 60;

  private static final long MAX_SECONDS = 24L * 60 * 60;
  private static final Duration MAX_MARGIN = Duration.ofSeconds(30);

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * What is to be done, and as whom.
   *
   * @param scope as {@code repository:<name>:pull}
   * @param credentials anonymous if empty
   */
  record Login(String scope, Optional<UpstreamCredentials> credentials) {}

  private record Grant(String header, Instant usableUntil) {}

  private final UpstreamSettings settings;
  private final RedirectingClient http;
  private final RefusedAnswers refusals;
  private final Clock clock;
  private final Cache<String, Grant> grants =
      Caffeine.newBuilder().maximumSize(MAX_TOKENS).executor(Runnable::run).build();
  private final SingleFlight<String, String> flights = new SingleFlight<>();

  TokenClient(
      UpstreamSettings settings, RedirectingClient http, RefusedAnswers refusals, Clock clock) {
    this.settings = settings;
    this.http = http;
    this.refusals = refusals;
    this.clock = clock;
  }

  /** The {@code Authorization} to send for this scope, if one is known that is still good. */
  Optional<String> known(String scope) {
    return Optional.ofNullable(grants.getIfPresent(scope))
        .filter(grant -> clock.instant().isBefore(grant.usableUntil()))
        .map(Grant::header);
  }

  /**
   * The {@code Authorization} that answers a challenge.
   *
   * @param login what is to be done, and as whom
   * @param challenges values of {@code WWW-Authenticate}
   * @param rejected what was sent with the request that was challenged; null if nothing was
   * @throws UpstreamException.Denied if there is nothing (else) to answer with
   */
  String renew(Login login, List<String> challenges, @Nullable String rejected) {
    String header = flights.get(login.scope(), () -> knownOrFetched(login, challenges, rejected));
    if (header.equals(rejected)) {
      // A flight that began before the rejection may bring back what was rejected.
      header = flights.get(login.scope(), () -> knownOrFetched(login, challenges, rejected));
    }
    return header;
  }

  private String knownOrFetched(Login login, List<String> challenges, @Nullable String rejected) {
    return known(login.scope())
        .filter(header -> !header.equals(rejected))
        .orElseGet(() -> {
          Grant grant = answer(login, Challenge.parse(challenges), rejected);
          grants.put(login.scope(), grant);
          return grant.header();
        });
  }

  private Grant answer(Login login, List<Challenge> challenges, @Nullable String rejected) {
    for (var challenge : challenges) {
      if (challenge instanceof Challenge.Bearer bearer) {
        return fetch(bearer, login);
      }
    }
    if (!challenges.contains(new Challenge.Basic())) {
      throw denied("asks for credentials in a way that is not supported");
    }
    String basic =
        basic(login).orElseThrow(() -> denied("asks for a password, and none is configured"));
    if (basic.equals(rejected)) {
      throw denied("does not accept the configured password");
    }
    return new Grant(basic, clock.instant().plusSeconds(MAX_SECONDS));
  }

  private Grant fetch(Challenge.Bearer bearer, Login login) {
    URI address = address(bearer, login.scope());
    @Nullable String basic = basic(login).orElse(null);
    Instant asked = clock.instant();
    try (var response = http.send("GET", address, Map.of("Accept", "application/json"), basic)) {
      String what = "a token request at " + address.getHost();
      if (response.status() != 200) {
        throw refusals.exception(response, what);
      }
      return grant(
          response.body().readAll(MAX_ANSWER, settings.network().responseTimeout()), asked);
    } catch (IOException e) {
      throw new UpstreamException.Unreachable(
          "token of %s could not be read: %s".formatted(settings.name(), e.getMessage()), e);
    }
  }

  private URI address(Challenge.Bearer bearer, String scope) {
    var text = new StringBuilder(bearer.realm());
    text.append(bearer.realm().indexOf('?') < 0 ? '?' : '&');
    bearer
        .service()
        .ifPresent(service -> text.append("service=").append(encode(service)).append('&'));
    text.append("scope=").append(encode(bearer.scope().orElse(scope)));
    URI address;
    try {
      address = URI.create(text.toString());
    } catch (IllegalArgumentException e) {
      throw new UpstreamException.Invalid(
          settings.name() + " names a token realm that is not an address", e);
    }
    String scheme = address.getScheme();
    boolean web = "https".equals(scheme) || "http".equals(scheme);
    if (!web || address.getHost() == null || address.getRawUserInfo() != null) {
      throw new UpstreamException.Invalid(
          settings.name() + " names a token realm that is not a web address", null);
    }
    if (settings.endpoint().getScheme().equals("https") && !scheme.equals("https")) {
      throw new UpstreamException.Invalid(
          "%s names a token realm at %s without https"
              .formatted(settings.name(), address.getHost()),
          null);
    }
    return address;
  }

  private Grant grant(byte[] body, Instant asked) {
    JsonNode answer;
    try {
      answer = JSON.readTree(body);
    } catch (JacksonException e) {
      // The cause would quote the body, which may hold the token.
      throw new UpstreamException.Invalid(
          "token answer of %s is not JSON".formatted(settings.name()), null);
    }
    String token = answer.path("token").asString("");
    if (token.isEmpty()) {
      token = answer.path("access_token").asString("");
    }
    if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw new UpstreamException.Invalid(
          "token answer of %s holds no token".formatted(settings.name()), null);
    }
    long seconds = answer.path("expires_in").asLong(DEFAULT_SECONDS);
    Duration lifetime = Duration.ofSeconds(Math.clamp(seconds, 1, MAX_SECONDS));
    Duration margin = lifetime.dividedBy(4);
    return new Grant(
        "Bearer " + token,
        asked.plus(lifetime).minus(margin.compareTo(MAX_MARGIN) < 0 ? margin : MAX_MARGIN));
  }

  private Optional<String> basic(Login login) {
    try {
      return login.credentials().map(UpstreamCredentials::basic);
    } catch (UncheckedIOException e) {
      throw denied("cannot be asked: " + e.getMessage());
    }
  }

  private UpstreamException denied(String why) {
    return new UpstreamException.Denied(settings.name() + ' ' + why);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
