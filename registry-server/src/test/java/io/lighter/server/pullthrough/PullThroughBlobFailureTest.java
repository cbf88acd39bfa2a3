package io.lighter.server.pullthrough;

import static io.lighter.server.pullthrough.ColdBlob.SIZE;
import static io.lighter.server.pullthrough.ColdBlob.prepare;
import static io.lighter.server.pullthrough.ColdBlob.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.upstream.Concurrently;
import io.lighter.server.upstream.Images;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.ScriptedUpstream;
import io.lighter.server.upstream.ScriptedUpstream.Step;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.server.upstream.UpstreamObserver.Operation;
import io.lighter.server.upstream.UpstreamObserver.Outcome;
import io.lighter.server.upstream.UpstreamRegistry;
import io.lighter.storage.BlobSource;
import io.lighter.storage.Extent;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A blob that comes from an upstream which cuts, stalls, refuses, lies, or leaves a length out. */
@Timeout(60)
class PullThroughBlobFailureTest {
  private final ColdBlob cold;

  PullThroughBlobFailureTest(@TempDir Path directory) {
    cold = new ColdBlob(directory);
  }

  @AfterEach
  void close() {
    cold.close();
  }

  @Test
  void read_contentWithAnotherDigest_neverEndsCleanlyAndStoresNothing() throws Exception {
    byte[] corrupt = cold.content.clone();
    corrupt[SIZE - 2] ^= 1;
    cold.server.next(cold.path, new Step.Content(corrupt));

    try (BlobSource source = cold.open()) {
      assertThatThrownBy(() -> read(source, 0, SIZE))
          .isInstanceOf(UpstreamException.Invalid.class)
          .hasMessageContaining(cold.digest.toString());
    }
    Awaitility.await().untilAsserted(() -> assertThat(cold.fetches.size()).isZero());
    assertThat(cold.blobs.blobs()).isZero();
    assertThat(cold.observer.givenUp).hasValue(1);

    cold.pullThrough.fetch(cold.app, cold.digest);
    assertThat(cold.blobs.stat(cold.digest)).as("the next attempt starts anew").isPresent();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void read_connectionCut_resumesWhereItBroke(boolean rangeHonoured) {
    cold.server.next(cold.path, new Step.Cut(1_200_000), new Step.Cut(1_300_000));
    if (!rangeHonoured) {
      cold.server.always(cold.path, new Step.IgnoreRange());
    }

    try (BlobSource source = cold.open()) {
      assertThat(read(source, 0, SIZE)).isEqualTo(cold.content);
    }
    // Once it has answered a range, upstream may be asked for two at a time.
    assertThat(cold.server.count("GET", cold.path)).isBetween(3L, 4L);
    if (rangeHonoured) {
      // What the client had not taken from its socket when the connection broke is sent again.
      assertThat(cold.server.requests())
          .last()
          .satisfies(request -> assertThat(request.range()).isPresent());
      assertThat(cold.server.bytes(cold.path)).isLessThan(SIZE + 2 * 256 * 1024);
    }
  }

  @Test
  void read_connectionStalls_resumes() {
    cold.server.next(cold.path, new Step.Hold(100_000, new CountDownLatch(1)));
    var settings =
        cold.server.settings("up.example", Duration.ofSeconds(20), Duration.ofMillis(500));

    try (var impatient = new UpstreamRegistry(settings, Clock.systemUTC(), cold.observer);
        var source =
            cold.pullThrough.open(
                new MirroredRepository(impatient, RepositoryName.parse("team/app")), cold.digest)) {
      assertThat(read(source, 0, SIZE)).isEqualTo(cold.content);
    }
    assertThat(cold.server.count("GET", cold.path)).isEqualTo(2);
  }

  @Test
  void read_bodyTakesLongerThanTheResponseTimeout_isNotCut() throws Exception {
    var gate = new CountDownLatch(1);
    cold.server.next(cold.path, new Step.Hold(100_000, gate));
    var settings =
        cold.server.settings("up.example", Duration.ofMillis(800), Duration.ofSeconds(20));
    try (var patient = new UpstreamRegistry(settings, Clock.systemUTC(), cold.observer);
        var source =
            cold.pullThrough.open(
                new MirroredRepository(patient, RepositoryName.parse("team/app")), cold.digest)) {
      assertThat(gate.await(1_000, TimeUnit.MILLISECONDS)).isFalse();
      gate.countDown();

      assertThat(read(source, 0, SIZE)).isEqualTo(cold.content);
    }
    assertThat(cold.server.count("GET", cold.path)).isOne();
  }

  @Test
  void read_connectionCutAgainAndAgain_fails() {
    cold.server.always(cold.path, new Step.Cut(10_000));

    try (BlobSource source = cold.open()) {
      assertThatThrownBy(() -> read(source, 0, SIZE))
          .isInstanceOf(UpstreamException.Unreachable.class)
          .hasMessageContaining("broke off");
    }
    // At least four breaks, and with the shortest waits no more than eight until patience ends. A
    // break that hides the head of an answer too has that request made three times.
    assertThat(cold.server.count("GET", cold.path)).isBetween(4L, 24L);
    assertThat(cold.observer.requests(Operation.BLOB_GET, Outcome.OK)).isLessThanOrEqualTo(8);
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 403, 429, 503})
  void prepare_upstreamRefuses_failsBeforeAnythingIsServed(int status) throws Exception {
    cold.server.always(cold.path, new Step.Status(status, Map.of()));

    try (BlobSource source = cold.open()) {
      assertThatThrownBy(() -> prepare(source, new Extent(0, SIZE)))
          .isInstanceOf(UpstreamException.class)
          .hasMessageContaining("answered " + status);
    }
    assertThat(cold.blobs.blobs()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 403, 429, 503})
  void open_notLinkedAndUpstreamRefuses_fails(int status) {
    var other = new MirroredRepository(cold.registry, RepositoryName.parse("team/other"));
    cold.server.always(
        ScriptedUpstream.blobPath("team/other", cold.digest), new Step.Status(status, Map.of()));

    assertThat(catchThrowable(() -> cold.pullThrough.open(other, cold.digest)))
        .isInstanceOf(UpstreamException.class)
        .hasMessageContaining("answered " + status);
    assertThat(cold.metadata.linkedBlob(other.local(), cold.digest)).isEmpty();
  }

  @Test
  void prepare_upstreamSilent_waitsForItsAnswer() throws Exception {
    var gate = new CountDownLatch(1);
    cold.server.next(cold.path, new Step.Silence(gate));
    try (BlobSource source = cold.open()) {
      var prepared = Concurrently.start(() -> prepare(source, new Extent(0, SIZE)));
      Awaitility.await().until(() -> cold.server.count("GET", cold.path) == 1);
      assertThat(prepared).isNotDone();

      gate.countDown();
      prepared.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void open_refusedAMomentAgo_upstreamIsNotAskedAgain() {
    Digest unknown = Digest.ofSha256(new byte[] {1});

    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> cold.pullThrough.open(cold.app, unknown).close())
          .isInstanceOf(UpstreamException.NotFound.class);
    }

    assertThat(cold.server.count("HEAD", ScriptedUpstream.blobPath("team/app", unknown))).isOne();
  }

  @Test
  void open_sizeOtherThanAdvertised_isInvalid() {
    cold.server.manifest("team/app", "latest", Images.json("lies", cold.digest, SIZE + 1));
    cold.pullThrough.tag(cold.app, Tag.parse("latest"));

    try (BlobSource source = cold.open()) {
      assertThatThrownBy(() -> prepare(source, new Extent(0, SIZE + 1)))
          .isInstanceOf(UpstreamException.Invalid.class)
          .hasMessageContaining("has %d bytes, not %d".formatted(SIZE, SIZE + 1));
    }
  }

  @Test
  void open_lengthNotStatedButAdvertised_streams() {
    cold.server.manifest("team/app", "latest", Images.json("fine", cold.digest, SIZE));
    cold.pullThrough.tag(cold.app, Tag.parse("latest"));
    cold.server.always(cold.path, new Step.NoLength());

    try (BlobSource source = cold.open()) {
      assertThat(source.size()).isEqualTo(SIZE);
      assertThat(read(source, 0, SIZE)).isEqualTo(cold.content);
    }
  }

  @Test
  void open_lengthNeitherStatedNorAdvertised_isInvalid() {
    var other = new MirroredRepository(cold.registry, RepositoryName.parse("team/other"));
    cold.server.blob("team/other", cold.content);
    cold.server.always(ScriptedUpstream.blobPath("team/other", cold.digest), new Step.NoLength());

    assertThatThrownBy(() -> cold.pullThrough.open(other, cold.digest))
        .isInstanceOf(UpstreamException.Invalid.class)
        .hasMessageContaining("has no Content-Length");
  }

  @Test
  void open_moreBytesThanAdvertised_isInvalid() {
    cold.server.manifest("team/app", "latest", Images.json("short", cold.digest, SIZE - 1));
    cold.pullThrough.tag(cold.app, Tag.parse("latest"));
    cold.server.always(cold.path, new Step.NoLength());

    try (BlobSource source = cold.open()) {
      assertThatThrownBy(() -> read(source, 0, SIZE - 1))
          .isInstanceOf(UpstreamException.Invalid.class);
    }
  }

  @Test
  void open_originLosesTheBlobWhileAnotherHasIt_asksThatOne() throws Exception {
    var gate = new CountDownLatch(1);
    cold.server.next(cold.path, new Step.Silence(gate));
    var other = new MirroredRepository(cold.registry, RepositoryName.parse("team/other"));
    cold.server.blob("team/other", cold.content);
    try (BlobSource first = cold.open()) {
      var body = Concurrently.start(() -> read(first, 0, SIZE));
      Awaitility.await().until(() -> cold.server.count("GET", cold.path) == 1);
      try (BlobSource second = cold.pullThrough.open(other, cold.digest)) {
        cold.server.forget(cold.path);
        gate.countDown();

        assertThat(read(second, 0, SIZE)).isEqualTo(cold.content);
        assertThat(body.get(10, TimeUnit.SECONDS)).isEqualTo(cold.content);
      }
    }
  }
}
