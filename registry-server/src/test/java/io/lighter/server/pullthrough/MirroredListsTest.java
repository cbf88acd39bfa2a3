package io.lighter.server.pullthrough;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.limit.Places;
import io.lighter.server.upstream.CountingObserver;
import io.lighter.server.upstream.Images;
import io.lighter.server.upstream.MapMetadataStore;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.ScriptedUpstream;
import io.lighter.server.upstream.ScriptedUpstream.Step;
import io.lighter.server.upstream.SettableClock;
import io.lighter.server.upstream.StaleReason;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.server.upstream.UpstreamRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tags and referrers of a mirrored repository. */
class MirroredListsTest {
  private static final String APP = "team/app";
  private static final String TAGS = ScriptedUpstream.tagsPath(APP);
  private static final Duration OVER = Duration.ofMinutes(2);

  private final ScriptedUpstream server = ScriptedUpstream.start();
  private final SettableClock clock = new SettableClock();
  private final CountingObserver observer = new CountingObserver();
  private final MapMetadataStore metadata = new MapMetadataStore();
  private final UpstreamRegistry registry =
      new UpstreamRegistry(server.settings("up.example"), clock, observer);
  private final MirroredRepository app =
      new MirroredRepository(registry, RepositoryName.parse(APP));
  private final Manifest image = server.manifest(APP, "latest", Images.json("one"));
  private final WatchedBlobStore blobs;
  private final PullThrough pullThrough;

  MirroredListsTest(@TempDir Path directory) {
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
  void tags_neverPulled_areThoseOfUpstreamAndCostOneRequestInTheirTime() {
    server.manifest(APP, "1.0", Images.json("two"));

    assertThat(tags()).containsExactly("1.0", "latest");
    clock.advance(Duration.ofSeconds(59));
    assertThat(tags()).containsExactly("1.0", "latest");
    assertThat(server.requests()).hasSize(1);
    assertThat(metadata.repository(app.local())).as("looking creates nothing").isEmpty();

    server.manifest(APP, "2.0", Images.json("two"));
    clock.advance(Duration.ofSeconds(1));
    assertThat(tags()).containsExactly("1.0", "2.0", "latest");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1000})
  void tags_inPagesOfUpstream_areReadToTheEnd(int size) {
    List<String> expected = new ArrayList<>(List.of("latest"));
    for (int i = 0; i < 30; i++) {
      expected.add("v" + i);
      server.manifest(APP, "v" + i, Images.json("one"));
    }
    server.pagesOf(size);

    assertThat(tags()).containsExactlyElementsOf(expected.stream().sorted().toList());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 100})
  void tags_inPagesOfTheClient_areEachOnceAndInOrder(int size) {
    IntStream.range(0, 9).forEach(i -> server.manifest(APP, "u" + i, Images.json("one")));
    tags();
    clock.advance(Duration.ofSeconds(1));
    for (int i = 0; i < 9; i++) {
      server.manifest(APP, "n" + i, Images.json("one"));
      pullThrough.tag(app, Tag.parse("n" + i));
    }

    var all = new ArrayList<String>();
    for (String after = ""; ; after = all.getLast()) {
      List<Tag> page = pullThrough.tags(app, after, size).entries();
      page.forEach(tag -> all.add(tag.value()));
      if (page.size() < size) {
        break;
      }
    }
    assertThat(all)
        .as("those of upstream's list, and those that were pulled since")
        .hasSize(19)
        .isSorted()
        .doesNotHaveDuplicates();
  }

  @Test
  void tags_goneUpstream_areNotListed() {
    pullThrough.tag(app, Tag.parse("latest"));
    server.manifest(APP, "next", Images.json("one"));
    server.forgetTag(APP, "latest");
    clock.advance(OVER);

    assertThat(tags()).containsExactly("next");
  }

  @Test
  void tags_upstreamDown_areAsLastListedWithWarning() {
    tags();
    var listed = clock.instant();
    clock.advance(OVER);
    server.always(TAGS, new Step.Status(503, Map.of()));

    Listed<Tag> page = pullThrough.tags(app, "", 10);
    assertThat(page.entries()).containsExactly(Tag.parse("latest"));
    assertThat(page.warning()).contains(StaleReason.ERROR.warning("up.example", listed));
    assertThat(observer.stale).containsExactly(StaleReason.ERROR);
  }

  @Test
  void tags_upstreamDownAndNeverListed_areThoseOfHereWithWarning() {
    pullThrough.tag(app, Tag.parse("latest"));
    server.always(TAGS, new Step.Status(503, Map.of()));

    Listed<Tag> page = pullThrough.tags(app, "", 10);
    assertThat(page.entries()).containsExactly(Tag.parse("latest"));
    assertThat(page.warning()).contains(StaleReason.ERROR.warningOfPart("up.example"));
    assertThat(pullThrough.tags(app, "latest", 10).entries()).isEmpty();
  }

  /** Some registries are files behind a web server, and have no lists. */
  @Test
  void tags_upstreamWithoutLists_areThoseThatAreAnsweredNow() {
    pullThrough.tag(app, Tag.parse("latest"));
    server.always(TAGS, new Step.Status(404, Map.of()));

    assertThat(tags()).containsExactly("latest");
    clock.advance(OVER);
    assertThatThrownBy(this::tags).isInstanceOf(UpstreamException.NotFound.class);
  }

  @Test
  void tags_failingUpstream_leavesTagsToBeConfirmed() {
    pullThrough.tag(app, Tag.parse("latest"));
    clock.advance(OVER);
    server.always(TAGS, new Step.Status(503, Map.of()));
    tags();
    int asked = server.requests().size();

    assertThat(pullThrough.tag(app, Tag.parse("latest")).stale()).isEmpty();
    assertThat(server.requests()).hasSize(asked + 1);
  }

  @Test
  void tags_whileUpstreamLimitsTags_areNotAskedFor() {
    tags();
    clock.advance(OVER);
    server.always(
        ScriptedUpstream.manifestPath(APP, "latest"),
        new Step.Status(429, Map.of("Retry-After", "60")));
    assertThatThrownBy(() -> pullThrough.tag(app, Tag.parse("latest")))
        .isInstanceOf(UpstreamException.RateLimited.class);

    assertThat(pullThrough.tags(app, "", 10).warning().orElseThrow()).contains("limits");
    assertThat(server.count("GET", TAGS)).isOne();
  }

  @Test
  void tags_upstreamDownAndNothingKnown_isAFailure() {
    server.always(TAGS, new Step.Status(503, Map.of()));

    assertThatThrownBy(this::tags).isInstanceOf(UpstreamException.Failed.class);
  }

  @Test
  void tags_unknownUpstream_isAskedOnce() {
    var other = new MirroredRepository(registry, RepositoryName.parse("team/none"));
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> pullThrough.tags(other, "", 10))
          .isInstanceOf(UpstreamException.NotFound.class);
    }
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void tags_linkToAnotherHost_isFollowedHereOnly() {
    try (var elsewhere = ScriptedUpstream.start()) {
      URI lure = elsewhere.uri().resolve(TAGS + "?n=1000&last=latest");
      server.next(
          TAGS,
          new Step.Listing(
              "{\"tags\":[\"1\",null,\"not a tag\"]}", "<%s>; rel=next".formatted(lure)));

      assertThat(tags()).containsExactly("1");
      assertThat(elsewhere.requests()).isEmpty();
      assertThat(server.count("GET", TAGS)).isEqualTo(2);
    }
  }

  @Test
  void tags_linkInACircle_isInvalid() {
    server.always(
        TAGS, new Step.Listing("{\"tags\":[\"1\"]}", "<%s?n=1000>; rel=\"next\"".formatted(TAGS)));

    assertThatThrownBy(this::tags)
        .isInstanceOf(UpstreamException.Invalid.class)
        .hasMessageContaining("circle");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void referrers_ofUpstream_areListedWithOrWithoutItsApi(boolean api) {
    List<Manifest> signatures = IntStream.range(0, 5).mapToObj(i -> signature("s" + i)).toList();
    server.pagesOf(2);
    if (!api) {
      server.withoutReferrersApi();
      server.manifest(
          APP, Tag.listingReferrersOf(image.digest()).value(), Images.listing(signatures));
    }

    Listed<Descriptor> listed = pullThrough.referrers(app, image.digest());
    assertThat(listed.entries())
        .extracting(Descriptor::digest)
        .containsExactlyInAnyOrderElementsOf(signatures.stream().map(Manifest::digest).toList())
        .isSortedAccordingTo(Comparator.comparing(Digest::toString));
    assertThat(listed.entries().getFirst().artifactType()).contains("application/vnd.test.sig");
    assertThat(listed.warning()).isEmpty();

    int asked = server.requests().size();
    pullThrough.referrers(app, image.digest());
    assertThat(server.requests()).hasSize(asked);
  }

  @Test
  void referrers_ofNothing_areNone() {
    assertThat(pullThrough.referrers(app, image.digest()).entries()).isEmpty();
    server.withoutReferrersApi();
    clock.advance(OVER);
    assertThat(pullThrough.referrers(app, image.digest()).entries()).isEmpty();
  }

  @Test
  void referrers_pageForPeopleInsteadOfTheApi_isTakenForNone() {
    server.next(
        "/v2/%s/referrers/%s".formatted(APP, image.digest()),
        new Step.Listing("<html>", "nothing"));

    assertThat(pullThrough.referrers(app, image.digest()).entries()).isEmpty();
  }

  @Test
  void referrers_upstreamDown_areAsLastListed() {
    Manifest signature = signature("s");
    pullThrough.referrers(app, image.digest());
    clock.advance(OVER);
    server.close();

    Listed<Descriptor> listed = pullThrough.referrers(app, image.digest());
    assertThat(listed.entries()).extracting(Descriptor::digest).containsExactly(signature.digest());
    assertThat(listed.warning()).isPresent();
  }

  @Test
  void referrers_upstreamDownAndNeverListed_areLeftToWhatIsStored() {
    Manifest signature = signature("s");
    server.always(
        "/v2/%s/referrers/%s".formatted(APP, image.digest()), new Step.Status(500, Map.of()));

    assertThatThrownBy(() -> pullThrough.referrers(app, image.digest()))
        .as("nothing is known, which is not the same as none")
        .isInstanceOf(UpstreamException.Failed.class);
    pullThrough.manifest(app, signature.digest());
    assertThat(pullThrough.referrers(app, image.digest()))
        .isEqualTo(
            new Listed<>(List.of(), Optional.of(StaleReason.ERROR.warningOfPart("up.example"))));
  }

  @Test
  void referrers_denied_areNotThoseThatAreStored() {
    Manifest signature = signature("s");
    pullThrough.manifest(app, signature.digest());
    server.always(
        "/v2/%s/referrers/%s".formatted(APP, image.digest()), new Step.Status(403, Map.of()));

    assertThatThrownBy(() -> pullThrough.referrers(app, image.digest()))
        .isInstanceOf(UpstreamException.Denied.class);
  }

  private List<String> tags() {
    return pullThrough.tags(app, "", 1000).entries().stream().map(Tag::value).toList();
  }

  private Manifest signature(String note) {
    return server.manifest(APP, note, Images.referrer(note, "application/vnd.test.sig", image));
  }
}
