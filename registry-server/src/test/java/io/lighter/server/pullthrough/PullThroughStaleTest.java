package io.lighter.server.pullthrough;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.limit.Places;
import io.lighter.server.upstream.CountingObserver;
import io.lighter.server.upstream.Freshness;
import io.lighter.server.upstream.Images;
import io.lighter.server.upstream.MapMetadataStore;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.ScriptedUpstream;
import io.lighter.server.upstream.ScriptedUpstream.Step;
import io.lighter.server.upstream.SettableClock;
import io.lighter.server.upstream.StalePolicy;
import io.lighter.server.upstream.StalePolicy.Reaction;
import io.lighter.server.upstream.StaleReason;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.server.upstream.UpstreamRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a known tag answers while upstream does not confirm it. */
class PullThroughStaleTest {
  private static final Tag LATEST = Tag.parse("latest");
  private static final String PATH = ScriptedUpstream.manifestPath("team/app", "latest");
  private static final Duration SHORT = Duration.ofMillis(300);

  private final ScriptedUpstream server = ScriptedUpstream.start();
  private final SettableClock clock = new SettableClock();
  private final CountingObserver observer = new CountingObserver();
  private final MapMetadataStore metadata = new MapMetadataStore();
  private final Manifest first = server.manifest("team/app", "latest", Images.json("one"));
  private final CountDownLatch gate = new CountDownLatch(1);
  private final WatchedBlobStore blobs;
  private UpstreamRegistry registry = registry(StalePolicy.DEFAULT);

  PullThroughStaleTest(@TempDir Path directory) {
    blobs = new WatchedBlobStore(directory);
  }

  @AfterEach
  void close() {
    registry.close();
    server.close();
    blobs.close();
  }

  /** Each way to fail, by default, and with the policy turned round. */
  @ParameterizedTest
  @CsvSource({
    "UNREACHABLE, true",
    "SLOW,        true",
    "LIMITED,     true",
    "ERROR,       true",
    "DENIED,      false",
    "MISSING,     false"
  })
  void knownTag_upstreamFails_isServedByPolicy(StaleReason reason, boolean served) {
    Reaction reaction = served ? Reaction.SERVE : Reaction.REFUSE;
    assertThat(StalePolicy.DEFAULT.serves(reason, Duration.ofDays(9999))).isEqualTo(served);
    expect(reason, with(reason, reaction), served);
  }

  @ParameterizedTest
  @EnumSource(StaleReason.class)
  void knownTag_policyTurnedRound_isTheOppositeForThisReasonOnly(StaleReason reason) {
    StalePolicy turned = with(reason, opposite(reason));
    for (StaleReason other : StaleReason.values()) {
      assertThat(turned.serves(other, Duration.ofDays(9)))
          .as("%s with %s turned round", other, reason)
          .isEqualTo((other == reason) != StalePolicy.DEFAULT.serves(other, Duration.ofDays(9)));
    }
    expect(reason, turned, opposite(reason) == Reaction.SERVE);
  }

  @Test
  void knownTag_nonsenseFromUpstream_isServedAsAnError() {
    PullThrough pullThrough = pulled();
    clock.advance(Duration.ofHours(5));
    server.manifest("team/app", "latest", Images.json("two"));
    server.next(PATH, new Step.Honest(), new Step.Content("<html>log in</html>".getBytes(UTF_8)));

    assertThat(pullThrough.tag(app(), LATEST).stale()).contains(StaleReason.ERROR);
  }

  @Test
  void knownTag_pastItsGreatestAge_isNotServed() {
    StalePolicy d = StalePolicy.DEFAULT;
    use(
        new StalePolicy(
            d.unreachable(),
            d.slow(),
            d.limited(),
            d.error(),
            d.denied(),
            d.missing(),
            d.patience(),
            Optional.of(Duration.ofHours(1))));
    PullThrough pullThrough = pulled();
    server.always(PATH, new Step.Status(503, Map.of()));

    clock.advance(Duration.ofMinutes(59));
    assertThat(pullThrough.tag(app(), LATEST).digest()).isEqualTo(first.digest());
    clock.advance(Duration.ofMinutes(1));
    assertThatThrownBy(() -> pullThrough.tag(app(), LATEST))
        .as("even while upstream rests")
        .isInstanceOf(UpstreamException.Failed.class);
  }

  @Test
  void knownTag_upstreamSlow_isWaitedForOnce() {
    use(with(StaleReason.SLOW, Reaction.SERVE));
    PullThrough pullThrough = pulled();
    clock.advance(Duration.ofHours(5));
    server.always(PATH, new Step.Silence(gate));
    pullThrough.tag(app(), LATEST);

    long begin = System.nanoTime();
    assertThat(pullThrough.tag(app(), LATEST).stale()).contains(StaleReason.SLOW);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(SHORT);
  }

  @Test
  void warning_namesUpstreamReasonAndTime() {
    assertThat(StaleReason.LIMITED.warning("docker.io", clock.instant().plusMillis(1)))
        .isEqualTo("upstream docker.io limits our requests; last confirmed " + clock.instant());
  }

  private void expect(StaleReason reason, StalePolicy policy, boolean served) {
    use(policy);
    PullThrough pullThrough = pulled();
    var before = clock.instant();
    clock.advance(Duration.ofHours(5));
    fail(reason);

    if (served) {
      assertThat(pullThrough.tag(app(), LATEST))
          .isEqualTo(new ResolvedTag(first.digest(), before, Optional.of(reason)));
      assertThat(observer.stale).containsExactly(reason);
    } else if (reason == StaleReason.SLOW) {
      CompletableFuture.delayedExecutor(900, TimeUnit.MILLISECONDS).execute(gate::countDown);
      assertThat(pullThrough.tag(app(), LATEST).stale()).isEmpty();
    } else {
      assertThatThrownBy(() -> pullThrough.tag(app(), LATEST))
          .isInstanceOf(UpstreamException.class)
          .extracting(failure -> StaleReason.of((UpstreamException) failure))
          .isEqualTo(reason);
      assertThat(observer.stale).isEmpty();
    }
  }

  private void fail(StaleReason reason) {
    switch (reason) {
      case UNREACHABLE -> server.close();
      case SLOW -> server.always(PATH, new Step.Silence(gate));
      case LIMITED -> server.always(PATH, new Step.Status(429, Map.of()));
      case ERROR -> server.always(PATH, new Step.Status(500, Map.of()));
      case DENIED -> server.always(PATH, new Step.Status(403, Map.of()));
      case MISSING -> server.always(PATH, new Step.Status(404, Map.of()));
    }
  }

  private PullThrough pulled() {
    var pullThrough =
        new PullThrough(
            blobs,
            metadata,
            new FetchTable(blobs, observer, new Places("downloads", new Places.Caps(1000, 0, 0))),
            clock,
            observer,
            () -> {});
    pullThrough.tag(app(), LATEST);
    return pullThrough;
  }

  private MirroredRepository app() {
    return new MirroredRepository(registry, RepositoryName.parse("team/app"));
  }

  private void use(StalePolicy policy) {
    registry.close();
    registry = registry(policy);
  }

  private UpstreamRegistry registry(StalePolicy policy) {
    return new UpstreamRegistry(
        server.settings("up.example", new Freshness(Duration.ofMinutes(1), Duration.ZERO, policy)),
        clock,
        observer);
  }

  private static Reaction opposite(StaleReason reason) {
    return StalePolicy.DEFAULT.serves(reason, Duration.ZERO) ? Reaction.REFUSE : Reaction.SERVE;
  }

  /** The default but for one reason, and with less patience. */
  private static StalePolicy with(StaleReason reason, Reaction reaction) {
    StalePolicy d = StalePolicy.DEFAULT;
    return new StalePolicy(
        reason == StaleReason.UNREACHABLE ? reaction : d.unreachable(),
        reason == StaleReason.SLOW ? reaction : d.slow(),
        reason == StaleReason.LIMITED ? reaction : d.limited(),
        reason == StaleReason.ERROR ? reaction : d.error(),
        reason == StaleReason.DENIED ? reaction : d.denied(),
        reason == StaleReason.MISSING ? reaction : d.missing(),
        reason == StaleReason.SLOW ? SHORT : d.patience(),
        Optional.empty());
  }
}
