package io.lighter.server.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.upstream.ScriptedUpstream.Step;
import io.lighter.server.upstream.UpstreamObserver.Operation;
import io.lighter.server.upstream.UpstreamObserver.Outcome;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamRegistryTest {
  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final Tag LATEST = Tag.parse("latest");
  private static final Digest KNOWN = Digest.ofSha256(new byte[] {9});
  private static final String PATH = ScriptedUpstream.manifestPath("team/app", "latest");

  private final ScriptedUpstream server = ScriptedUpstream.start();
  private final ScriptedUpstream other = ScriptedUpstream.start();
  private final SettableClock clock = new SettableClock();
  private final CountingObserver observer = new CountingObserver();
  private final UpstreamRegistry registry =
      new UpstreamRegistry(server.settings("up.example"), clock, observer);
  private final Manifest image = server.manifest("team/app", "latest", Images.json("one"));

  @AfterEach
  void close() {
    registry.close();
    server.close();
    other.close();
  }

  @Test
  void head_digestStated_returnsItWithoutGet() {
    assertThat(registry.head(APP, LATEST, KNOWN)).contains(image.digest());
    assertThat(server.count("GET", PATH)).isZero();
    assertThat(observer.requests(Operation.MANIFEST_HEAD, Outcome.OK)).isOne();
  }

  @ParameterizedTest
  @CsvSource({"76;w=21600, 76", "0, 0", "many, -1", "99999999999999999999, -1"})
  void manifest_answerSaysHowManyPullsAreLeft_isTold(String header, long expected) {
    server.next(PATH, new Step.Status(429, Map.of("RateLimit-Remaining", header)));

    assertThatThrownBy(() -> registry.manifest(APP, LATEST))
        .isInstanceOf(UpstreamException.RateLimited.class);
    assertThat(observer.pullsLeft).hasValue(expected);
  }

  @ParameterizedTest
  @CsvSource({"20;w=21600, false", "19;w=21600, true", "many, false"})
  void isShortOfPulls_fewAreLeft_forTenMinutes(String header, boolean expected) {
    assertThat(registry.isShortOfPulls()).isFalse();
    server.next(PATH, new Step.Status(404, Map.of("RateLimit-Remaining", header)));
    assertThatThrownBy(() -> registry.manifest(APP, LATEST))
        .isInstanceOf(UpstreamException.NotFound.class);

    assertThat(registry.isShortOfPulls()).isEqualTo(expected);
    clock.advance(Duration.ofMinutes(10));
    assertThat(registry.isShortOfPulls()).isFalse();
  }

  @Test
  void head_noDigestStated_isEmpty() {
    server.next(PATH, new Step.NoDigest());

    assertThat(registry.head(APP, LATEST, KNOWN)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {405, 501})
  void head_methodNotAllowed_isEmpty(int status) {
    server.next(PATH, new Step.Status(status, Map.of()));

    assertThat(registry.head(APP, LATEST, KNOWN)).isEmpty();
  }

  @Test
  void head_notModified_isWhatWasKnown() {
    server.always(PATH, new Step.Conditional());

    assertThat(registry.head(APP, LATEST, image.digest())).contains(image.digest());
    assertThat(registry.head(APP, LATEST, KNOWN)).isEmpty();
  }

  @Test
  void head_digestAsEntityTagOnly_provesThatNothingMoved() {
    server.always(PATH, new Step.EntityTag());

    assertThat(registry.head(APP, LATEST, image.digest())).contains(image.digest());
    assertThat(registry.head(APP, LATEST, KNOWN)).isEmpty();
  }

  @Test
  void repository_withAPrefixUpstream_isAskedForUnderIt() {
    var mapped = new Addressing(List.of(), Optional.of(RepositoryName.parse("mirror/up")), false);
    Manifest other = server.manifest("mirror/up/team/app", "latest", Images.json("two"));
    Digest blob = server.blob("mirror/up/team/app", new byte[] {1});
    try (var registry =
        new UpstreamRegistry(
            server.settings("up.example", mapped, CredentialsByPath.NONE),
            Clock.systemUTC(),
            observer)) {
      assertThat(registry.manifest(APP, LATEST)).isEqualTo(other);
      assertThat(registry.blobSize(APP, blob)).isOne();
      assertThat(registry.tags(APP)).containsExactly(LATEST);
    }
  }

  @Test
  void manifest_byTagAndDigest_returnsTheBytes() {
    assertThat(registry.manifest(APP, LATEST).content()).isEqualTo(image.content());
    assertThat(registry.manifest(APP, image.digest())).isEqualTo(image);
  }

  @Test
  void manifest_otherContentThanTheDigest_isInvalid() {
    byte[] other = Images.json("two").getBytes(StandardCharsets.UTF_8);
    server.next(PATH, new Step.Content(other));

    assertThatThrownBy(() -> registry.manifest(APP, LATEST))
        .isInstanceOf(UpstreamException.Invalid.class)
        .hasMessageContaining("up.example")
        .hasMessageContaining(image.digest().toString());
    assertThat(server.count("GET", PATH)).as("a wrong answer is not asked for again").isOne();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void manifest_tooLarge_isInvalid(boolean lengthStated) {
    server.manifest("team/app", "latest", Images.json("x".repeat(UpstreamRegistry.MAX_MANIFEST)));
    if (!lengthStated) {
      server.next(PATH, new Step.NoLength());
    }

    assertThatThrownBy(() -> registry.manifest(APP, LATEST))
        .isInstanceOf(UpstreamException.Invalid.class)
        .hasMessageContaining("larger than 4194304 bytes");
  }

  @Test
  void manifest_notAManifest_isInvalid() {
    server.next(PATH, new Step.NoDigest());
    server.next(PATH, new Step.Content("<html>".getBytes(StandardCharsets.UTF_8)));

    registry.head(APP, LATEST, KNOWN);
    assertThatThrownBy(() -> registry.manifest(APP, LATEST))
        .isInstanceOf(UpstreamException.Invalid.class);
  }

  @ParameterizedTest
  @CsvSource({
    "404, NotFound",
    "410, NotFound",
    "401, Denied",
    "403, Denied",
    "429, RateLimited",
    "400, Invalid",
    "418, Invalid",
  })
  void manifest_refused_isThatExceptionAtOnce(int status, String kind) {
    server.always(PATH, new Step.Status(status, Map.of()));

    assertThatThrownBy(() -> registry.manifest(APP, LATEST))
        .isInstanceOf(UpstreamException.class)
        .hasMessageContaining("up.example")
        .extracting(thrown -> thrown.getClass().getSimpleName())
        .isEqualTo(kind);
    assertThat(server.count("GET", PATH)).isOne();
  }

  @ParameterizedTest
  @CsvSource({"7, PT7S", "'Sun, 01 Nov 2026 12:01:30 GMT', PT1M30S"})
  void manifest_rateLimited_saysForHowLong(String header, Duration wait) {
    server.next(PATH, new Step.Status(429, Map.of("Retry-After", header)));

    var limited =
        catchThrowableOfType(
            UpstreamException.RateLimited.class, () -> registry.manifest(APP, LATEST));
    assertThat(limited.retryAfter()).contains(wait);
  }

  @Test
  void manifest_serverErrorsPass_isTriedAgain() {
    server.next(PATH, new Step.Status(500, Map.of()), new Step.Status(503, Map.of()));

    assertThat(registry.manifest(APP, LATEST)).isEqualTo(image);
    assertThat(observer.requests(Operation.MANIFEST_GET, Outcome.FAILED)).isEqualTo(2);
  }

  @Test
  void manifest_serverErrorsStay_isUnreachable() {
    server.always(PATH, new Step.Status(502, Map.of()));

    assertThatThrownBy(() -> registry.manifest(APP, LATEST))
        .isInstanceOf(UpstreamException.Unreachable.class)
        .hasMessageContaining("502");
    assertThat(server.count("GET", PATH)).isEqualTo(3);
  }

  @Test
  void manifest_bodyCutShort_isTriedAgain() {
    server.next(PATH, new Step.Cut(10));

    assertThat(registry.manifest(APP, LATEST)).isEqualTo(image);
  }

  @Test
  void manifest_nothingListens_isUnreachableAndSaysWhere() {
    String address = server.settings("up.example").endpoint().getAuthority();
    server.close();

    assertThatThrownBy(() -> registry.manifest(APP, LATEST))
        .isInstanceOf(UpstreamException.Unreachable.class)
        .hasMessage(
            "up.example did not answer GET at %s: the connection is refused, or no way leads there",
            address);
  }

  @Test
  void manifest_hostUnknown_isUnreachableAndSaysSo() {
    var settings = UpstreamSettings.of("up.example", URI.create("http://no-such-host.invalid"));
    try (var unknown = new UpstreamRegistry(settings, clock, observer)) {
      assertThatThrownBy(() -> unknown.manifest(APP, LATEST))
          .isInstanceOf(UpstreamException.Unreachable.class)
          .hasMessage(
              "up.example did not answer GET at no-such-host.invalid: its host name cannot be resolved");
    }
  }

  @Test
  void manifest_serverSilent_givesUpAfterTheResponseTimeout() {
    server.always(PATH, new Step.Silence(new CountDownLatch(1)));

    var settings = server.settings("up.example", Duration.ofMillis(400), Duration.ofSeconds(20));
    try (var impatient = new UpstreamRegistry(settings, clock, observer)) {
      assertThatThrownBy(() -> impatient.manifest(APP, LATEST))
          .isInstanceOf(UpstreamException.Unreachable.class)
          .hasMessageContaining("no answer in 400 ms");
    }
    assertThat(server.count("GET", PATH)).as("no retry after a long wait").isOne();
  }

  @Test
  void blobSize_headWithoutLength_asksByGet() {
    Digest digest = server.blob("team/app", new byte[1234]);
    String path = ScriptedUpstream.blobPath("team/app", digest);
    server.next(path, new Step.NoLength());

    assertThat(registry.blobSize(APP, digest)).isEqualTo(1234);
    assertThat(server.count("GET", path)).isOne();
  }

  @Test
  void blobSize_objectStoreRefusesHead_asksByGet() {
    Digest digest = server.blob("team/app", new byte[1234]);
    String path = ScriptedUpstream.blobPath("team/app", digest);
    other.blob("team/app", new byte[1234]);
    other.next(path, new Step.Status(403, Map.of()));
    server.always(path, new Step.Redirect(other.uri().resolve(path)));

    assertThat(registry.blobSize(APP, digest)).isEqualTo(1234);
  }

  @Test
  void redirect_toAnotherHost_carriesNoCredentials() {
    server.requireTokensOf(server);
    server.next(PATH, new Step.Honest(), new Step.Redirect(other.uri().resolve(PATH)));
    other.manifest("team/app", "latest", Images.json("one"));

    assertThat(registry.manifest(APP, LATEST)).isEqualTo(image);
    assertThat(server.requests())
        .last()
        .satisfies(request -> assertThat(request.authorization()).contains("Bearer token-1"));
    assertThat(other.requests())
        .singleElement()
        .satisfies(request -> assertThat(request.authorization()).isEmpty());
  }

  @Test
  void redirect_inACircle_isInvalid() {
    server.always(PATH, new Step.Redirect(server.uri().resolve(PATH)));

    assertThatThrownBy(() -> registry.manifest(APP, LATEST))
        .isInstanceOf(UpstreamException.Invalid.class)
        .hasMessageContaining("redirected more than 5 times");
    assertThat(server.count("GET", PATH)).isEqualTo(6);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://cdn.example/x",
        "file:///etc/passwd",
        "https://me:secret@cdn.example/x",
        "https://cdn.example/ x",
        "mailto:a@b",
      })
  void nextHop_notToBeFollowed_isInvalidWithoutRepeatingTheAddress(String location) {
    assertThatThrownBy(() -> hop(location))
        .isInstanceOf(UpstreamException.Invalid.class)
        .hasMessageStartingWith("redirect of up.example by registry.example ")
        .hasMessageNotContaining("cdn.example");
  }

  @Test
  void nextHop_relative_isResolved() {
    assertThat(hop("/elsewhere")).isEqualTo(URI.create("https://registry.example/elsewhere"));
  }

  private static URI hop(String location) {
    return RedirectingClient.nextHop(
        "up.example",
        URI.create("https://registry.example/v2/x"),
        HttpHeaders.of(Map.of("Location", List.of(location)), (_, _) -> true));
  }

  @Test
  void close_whileAsking_endsTheQuestion() throws Exception {
    server.always(PATH, new Step.Silence(new CountDownLatch(1)));
    var asked =
        Concurrently.run(
            2,
            i ->
                () -> {
                  if (i == 0) {
                    org.awaitility.Awaitility.await().until(() -> server.count("GET", PATH) > 0);
                    registry.close();
                    return Optional.<Throwable>empty();
                  }
                  return Optional.ofNullable(
                      org.assertj.core.api.Assertions.catchThrowable(
                          () -> registry.manifest(APP, LATEST)));
                });

    assertThat(asked.get(1)).containsInstanceOf(UpstreamException.Unreachable.class);
  }
}
