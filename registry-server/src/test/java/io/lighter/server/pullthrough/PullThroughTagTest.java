package io.lighter.server.pullthrough;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.limit.Places;
import io.lighter.server.upstream.Concurrently;
import io.lighter.server.upstream.CountingObserver;
import io.lighter.server.upstream.Images;
import io.lighter.server.upstream.MapMetadataStore;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.ScriptedUpstream;
import io.lighter.server.upstream.ScriptedUpstream.Step;
import io.lighter.server.upstream.SettableClock;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.server.upstream.UpstreamRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class PullThroughTagTest {
  private static final Tag LATEST = Tag.parse("latest");
  private static final String PATH = ScriptedUpstream.manifestPath("team/app", "latest");

  private final ScriptedUpstream server = ScriptedUpstream.start();
  private final SettableClock clock = new SettableClock();
  private final CountingObserver observer = new CountingObserver();
  private final MapMetadataStore metadata = new MapMetadataStore();
  private final UpstreamRegistry registry =
      new UpstreamRegistry(server.settings("up.example"), clock, observer);
  private final MirroredRepository app =
      new MirroredRepository(registry, RepositoryName.parse("team/app"));
  private final Manifest first = server.manifest("team/app", "latest", Images.json("one"));
  private final WatchedBlobStore blobs;
  private final PullThrough pullThrough;

  PullThroughTagTest(@TempDir Path directory) {
    blobs = new WatchedBlobStore(directory);
    pullThrough =
        new PullThrough(
            blobs,
            metadata,
            new FetchTable(blobs, observer, new Places("downloads", new Places.Caps(1000, 0, 0))),
            clock,
            observer,
            () -> {});
  }

  @AfterEach
  void close() {
    registry.close();
    server.close();
    blobs.close();
  }

  @Test
  void tag_firstTime_storesTheManifest() {
    ResolvedTag resolved = pullThrough.tag(app, LATEST);

    assertThat(resolved)
        .isEqualTo(new ResolvedTag(first.digest(), clock.instant(), Optional.empty()));
    assertThat(metadata.manifest(app.local(), first.digest())).contains(first);
    assertThat(metadata.linkedBlob(app.local(), Digest.ofSha256(new byte[] {'{', '}'})))
        .as("the configuration may be read")
        .isPresent();
  }

  @Test
  void tag_withinItsTime_doesNotAsk() {
    pullThrough.tag(app, LATEST);
    clock.advance(Duration.ofSeconds(44));
    server.manifest("team/app", "latest", Images.json("two"));

    assertThat(pullThrough.tag(app, LATEST).digest()).isEqualTo(first.digest());
    assertThat(questions()).hasSize(1);
  }

  @Test
  void tag_afterItsTimeUnmoved_isConfirmedByHeadOnly() {
    pullThrough.tag(app, LATEST);
    clock.advance(Duration.ofMinutes(1));
    ResolvedTag confirmed = pullThrough.tag(app, LATEST);

    assertThat(confirmed)
        .isEqualTo(new ResolvedTag(first.digest(), clock.instant(), Optional.empty()));
    assertThat(server.count("HEAD", PATH)).isOne();
    assertThat(server.count("GET", PATH)).isOne();

    clock.advance(Duration.ofSeconds(44));
    pullThrough.tag(app, LATEST);
    assertThat(questions()).as("good for another minute").hasSize(2);
  }

  @Test
  void tag_afterItsTimeMoved_isTheNewManifest() {
    pullThrough.tag(app, LATEST);
    Manifest second = server.manifest("team/app", "latest", Images.json("two"));
    clock.advance(Duration.ofMinutes(2));

    assertThat(pullThrough.tag(app, LATEST).digest()).isEqualTo(second.digest());
    assertThat(metadata.manifest(app.local(), first.digest()))
        .as("what it named before stays")
        .isPresent();
  }

  @Test
  void tag_clockWentBack_isConfirmed() {
    pullThrough.tag(app, LATEST);
    clock.advance(Duration.ofDays(-1));

    pullThrough.tag(app, LATEST);
    assertThat(server.count("HEAD", PATH)).isOne();
  }

  @Test
  void tag_manyAtOnce_askOnce() throws Exception {
    var gate = new CountDownLatch(1);
    server.next(PATH, new Step.Silence(gate));
    var opener =
        Thread.ofVirtual()
            .start(() -> {
              Awaitility.await().until(() -> server.count("GET", PATH) == 1);
              gate.countDown();
            });

    assertThat(Concurrently.run(32, _ -> () -> pullThrough.tag(app, LATEST).digest()))
        .containsOnly(first.digest());
    opener.join();
    assertThat(questions()).hasSize(1);
  }

  @Test
  void tag_upstreamDown_isStaleAndLeavesItAloneForAWhile() {
    pullThrough.tag(app, LATEST);
    clock.advance(Duration.ofHours(5));
    server.always(PATH, new Step.Status(503, Map.of()));
    pullThrough.tag(app, LATEST);
    int asked = questions().size();

    assertThat(pullThrough.tag(app, LATEST).stale()).isPresent();
    assertThat(questions()).hasSize(asked);

    server.always(PATH, new Step.Honest());
    clock.advance(Duration.ofSeconds(11));
    assertThat(pullThrough.tag(app, LATEST).stale()).isEmpty();
  }

  @Test
  void tag_upstreamDownAndBack_isLoggedOnceEach() {
    var lines = new ListAppender<ILoggingEvent>();
    var logger = (Logger) LoggerFactory.getLogger(Rests.class);
    lines.start();
    logger.addAppender(lines);
    try {
      pullThrough.tag(app, LATEST);
      server.always(PATH, new Step.Status(503, Map.of()));
      for (int i = 0; i < 3; i++) {
        clock.advance(Duration.ofHours(1));
        pullThrough.tag(app, LATEST);
      }
      server.always(PATH, new Step.Honest());
      for (int i = 0; i < 3; i++) {
        clock.advance(Duration.ofHours(1));
        pullThrough.tag(app, LATEST);
      }
    } finally {
      logger.detachAppender(lines);
    }

    assertThat(lines.list)
        .extracting(ILoggingEvent::getLevel)
        .containsExactly(Level.WARN, Level.INFO);
    assertThat(lines.list.getFirst().getFormattedMessage())
        .startsWith("upstream up.example/team/app confirms no tags now: ")
        .contains("503");
    assertThat(lines.list.getLast().getFormattedMessage())
        .isEqualTo("upstream up.example/team/app confirms tags again");
  }

  @Test
  void tag_rateLimited_restsAsLongAsUpstreamWants() {
    pullThrough.tag(app, LATEST);
    clock.advance(Duration.ofHours(5));
    server.next(PATH, new Step.Status(429, Map.of("Retry-After", "120")));
    assertThat(pullThrough.tag(app, LATEST).stale()).isPresent();

    clock.advance(Duration.ofSeconds(119));
    assertThat(pullThrough.tag(app, LATEST).stale()).isPresent();
    clock.advance(Duration.ofSeconds(2));
    assertThat(pullThrough.tag(app, LATEST).stale()).isEmpty();
  }

  @Test
  void tag_neverSeenAndUpstreamDown_isUnreachable() {
    server.always(PATH, new Step.Status(503, Map.of()));

    assertThatThrownBy(() -> pullThrough.tag(app, LATEST))
        .isInstanceOf(UpstreamException.Unreachable.class);
  }

  @Test
  void manifest_stored_isAnsweredWithoutUpstreamForEver() {
    pullThrough.tag(app, LATEST);
    server.close();
    clock.advance(Duration.ofDays(400));

    assertThat(pullThrough.manifest(app, first.digest())).isEqualTo(first);
  }

  @Test
  void manifest_manyAtOnce_isFetchedOnce() throws Exception {
    assertThat(Concurrently.run(32, _ -> () -> pullThrough.manifest(app, first.digest())))
        .containsOnly(first);
    assertThat(questions()).hasSize(1);
    assertThat(metadata.manifest(app.local(), first.digest())).contains(first);
  }

  @Test
  void manifest_corrupt_isInvalidAndNotStored() {
    String path = ScriptedUpstream.manifestPath("team/app", first.digest().toString());
    server.next(path, new Step.Content(new byte[100]));

    assertThatThrownBy(() -> pullThrough.manifest(app, first.digest()))
        .isInstanceOf(UpstreamException.Invalid.class);
    assertThat(metadata.manifest(app.local(), first.digest())).isEmpty();
  }

  @Test
  void tag_movedToAManifestThatIsHere_isNotFetchedAgain() {
    pullThrough.tag(app, LATEST);
    Manifest second = server.manifest("team/app", "next", Images.json("two"));
    pullThrough.tag(app, Tag.parse("next"));
    server.manifest("team/app", "latest", Images.json("two"));
    clock.advance(Duration.ofMinutes(2));

    assertThat(pullThrough.tag(app, LATEST))
        .isEqualTo(new ResolvedTag(second.digest(), clock.instant(), Optional.empty()));
    assertThat(server.count("HEAD", PATH)).isOne();
    assertThat(server.count("GET", PATH)).isOne();
    assertThat(metadata.tag(app.local(), LATEST).orElseThrow().digest()).isEqualTo(second.digest());
  }

  @Test
  void tag_notModified_costsNoManifest() {
    pullThrough.tag(app, LATEST);
    clock.advance(Duration.ofMinutes(2));
    server.always(PATH, new Step.Conditional());

    assertThat(pullThrough.tag(app, LATEST).confirmedAt()).isEqualTo(clock.instant());
    assertThat(server.count("GET", PATH)).isOne();
  }

  @Test
  void tag_headLimited_isStaleWithoutAGet() {
    pullThrough.tag(app, LATEST);
    clock.advance(Duration.ofMinutes(2));
    server.next(PATH, new Step.Status(429, Map.of()));

    assertThat(pullThrough.tag(app, LATEST).stale()).isPresent();
    assertThat(server.count("GET", PATH)).isOne();
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 401, 403})
  void tag_refusedUpstream_isAskedForAgainAfterAWhile(int status) {
    Tag next = Tag.parse("next");
    String path = ScriptedUpstream.manifestPath("team/app", "next");
    Step refusal = new Step.Status(status, Map.of("WWW-Authenticate", "Basic"));
    server.always(path, refusal);
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(() -> pullThrough.tag(app, next))
          .isInstanceOfAny(UpstreamException.NotFound.class, UpstreamException.Denied.class);
      clock.advance(Duration.ofMillis(1999));
    }
    assertThat(server.count("GET", path)).isOne();
    assertThat(observer.fromMemory).hasValue(4);

    server.always(path, new Step.Honest());
    Manifest second = server.manifest("team/app", "next", Images.json("two"));
    clock.advance(Duration.ofMillis(5));
    assertThat(pullThrough.tag(app, next).digest()).isEqualTo(second.digest());
  }

  @Test
  void manifest_missingUpstream_isNotAskedForAgainUnlessItCame() {
    String json = Images.json("two");
    Digest digest = Digest.ofSha256(json.getBytes(StandardCharsets.UTF_8));
    String path = ScriptedUpstream.manifestPath("team/app", digest.toString());
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> pullThrough.manifest(app, digest))
          .isInstanceOf(UpstreamException.NotFound.class);
    }
    assertThat(server.count("GET", path)).isOne();

    server.manifest("team/app", "next", json);
    pullThrough.tag(app, Tag.parse("next"));
    assertThat(pullThrough.manifest(app, digest).digest()).isEqualTo(digest);
  }

  @Test
  void stat_blobMissingUpstream_isNotAskedForAgain() {
    Digest digest = Digest.ofSha256(new byte[] {1});
    String path = ScriptedUpstream.blobPath("team/app", digest);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> pullThrough.stat(app, digest))
          .isInstanceOf(UpstreamException.NotFound.class);
    }
    assertThat(server.count("HEAD", path)).isOne();
    clock.advance(Duration.ofSeconds(10));
    server.blob("team/app", new byte[] {1});
    assertThat(pullThrough.stat(app, digest).size()).isOne();
  }

  @Test
  void tag_refusedAndClockWentBack_isAskedForAgain() {
    Tag next = Tag.parse("next");
    assertThatThrownBy(() -> pullThrough.tag(app, next))
        .isInstanceOf(UpstreamException.NotFound.class);
    server.manifest("team/app", "next", Images.json("two"));
    clock.advance(Duration.ofDays(-1));

    assertThat(pullThrough.tag(app, next)).isNotNull();
  }

  @Test
  void unknownTag_whileUpstreamLimits_isLimitedWithoutAsking() {
    Tag next = Tag.parse("next");
    String path = ScriptedUpstream.manifestPath("team/app", "next");
    server.always(path, new Step.Status(429, Map.of("Retry-After", "20")));
    assertThatThrownBy(() -> pullThrough.tag(app, next))
        .isInstanceOf(UpstreamException.RateLimited.class);
    clock.advance(Duration.ofSeconds(5));

    assertThatThrownBy(() -> pullThrough.tag(app, next))
        .isInstanceOfSatisfying(
            UpstreamException.RateLimited.class,
            limited -> assertThat(limited.retryAfter()).contains(Duration.ofSeconds(15)));
    assertThatThrownBy(() -> pullThrough.manifest(app, Digest.ofSha256(new byte[] {1})))
        .isInstanceOf(UpstreamException.RateLimited.class);
    assertThat(questions()).hasSize(1);
  }

  @Test
  void tag_inTheLastQuarterOfItsTime_isConfirmedInTheBackground() {
    pullThrough.tag(app, LATEST);
    var gate = new CountDownLatch(1);
    server.always(PATH, new Step.Silence(gate));
    clock.advance(Duration.ofSeconds(45));
    for (int i = 0; i < 20; i++) {
      assertThat(pullThrough.tag(app, LATEST).digest()).isEqualTo(first.digest());
    }
    Awaitility.await().until(() -> server.count("HEAD", PATH) == 1);
    gate.countDown();
    var now = clock.instant();
    Awaitility.await()
        .until(() -> metadata.tag(app.local(), LATEST).orElseThrow().confirmedAt().equals(now));

    clock.advance(Duration.ofSeconds(44));
    assertThat(pullThrough.tag(app, LATEST).stale()).isEmpty();
    assertThat(questions()).hasSize(2);
  }

  @Test
  void tags_inTheLastQuarterOfTheirTime_leaveRoomForClients() {
    var gate = new CountDownLatch(1);
    List<Tag> tags = IntStream.range(0, 6).mapToObj(i -> Tag.parse("t" + i)).toList();
    for (Tag tag : tags) {
      server.manifest("team/app", tag.value(), Images.json("one"));
      pullThrough.tag(app, tag);
      server.always(ScriptedUpstream.manifestPath("team/app", tag.value()), new Step.Silence(gate));
    }
    clock.advance(Duration.ofSeconds(50));
    tags.forEach(tag -> pullThrough.tag(app, tag));

    assertThat(pullThrough.tag(app, LATEST)).as("a client does not wait for them").isNotNull();
    assertThat(heads()).isLessThanOrEqualTo(1);
    gate.countDown();
    Awaitility.await()
        .until(() -> {
          tags.forEach(tag -> pullThrough.tag(app, tag));
          return heads() == 6;
        });
  }

  @Test
  void tag_inTheLastQuarterWhileUpstreamRests_isNotAskedAbout() {
    pullThrough.tag(app, LATEST);
    clock.advance(Duration.ofSeconds(50));
    String path = ScriptedUpstream.manifestPath("team/app", "next");
    server.always(path, new Step.Status(503, Map.of()));
    assertThatThrownBy(() -> pullThrough.tag(app, Tag.parse("next")))
        .isInstanceOf(UpstreamException.Failed.class);

    assertThat(pullThrough.tag(app, LATEST).stale()).isEmpty();
    Awaitility.await()
        .during(Duration.ofMillis(300))
        .untilAsserted(() -> assertThat(heads()).isZero());
  }

  @Test
  void tag_anotherRepositoryFails_isConfirmedAllTheSame() {
    pullThrough.tag(app, LATEST);
    clock.advance(Duration.ofMinutes(2));
    var broken = new MirroredRepository(registry, RepositoryName.parse("team/broken"));
    server.always(
        ScriptedUpstream.manifestPath("team/broken", "latest"), new Step.Status(500, Map.of()));
    assertThatThrownBy(() -> pullThrough.tag(broken, LATEST))
        .isInstanceOf(UpstreamException.Failed.class);

    assertThat(pullThrough.tag(app, LATEST).stale()).isEmpty();
  }

  private long heads() {
    return server.requests().stream().filter(request -> request.method().equals("HEAD")).count();
  }

  /** What upstream was asked, but for blobs, which are fetched ahead. */
  private List<ScriptedUpstream.Received> questions() {
    return server.requests().stream()
        .filter(request -> !request.path().contains("/blobs/"))
        .toList();
  }
}
