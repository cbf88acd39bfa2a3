package io.lighter.server.pullthrough;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lighter.oci.Digest;
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
import io.lighter.server.upstream.UpstreamException;
import io.lighter.server.upstream.UpstreamObserver.Operation;
import io.lighter.server.upstream.UpstreamObserver.Outcome;
import io.lighter.server.upstream.UpstreamRegistry;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.Extent;
import io.lighter.storage.RepositoryKind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PullThroughBlobTest {
  private static final int SIZE = 3_000_001;

  private final byte[] content = Images.random(SIZE, 1);
  private final Digest digest = Digest.ofSha256(content);
  private final String path = ScriptedUpstream.blobPath("team/app", digest);
  private final ScriptedUpstream server = ScriptedUpstream.start();
  private final CountingObserver observer = new CountingObserver();
  private final MapMetadataStore metadata = new MapMetadataStore();
  private final UpstreamRegistry registry =
      new UpstreamRegistry(server.settings("up.example"), Clock.systemUTC(), observer);
  private final MirroredRepository app =
      new MirroredRepository(registry, RepositoryName.parse("team/app"));
  private final WatchedBlobStore blobs;
  private final FetchTable fetches;
  private final PullThrough pullThrough;

  PullThroughBlobTest(@TempDir Path directory) {
    blobs = new WatchedBlobStore(directory);
    fetches = new FetchTable(blobs, observer, new Places("downloads", new Places.Caps(1000, 0, 0)));
    pullThrough = new PullThrough(blobs, metadata, fetches, Clock.systemUTC(), observer, () -> {});
    server.blob("team/app", content);
    // As a manifest that was pulled does.
    metadata.linkBlob(app.local(), RepositoryKind.MIRRORED, new BlobInfo(digest, SIZE));
  }

  @AfterEach
  void close() {
    fetches.close();
    registry.close();
    server.close();
    assertThat(blobs.openSources()).as("sources left open").isZero();
    assertThat(blobs.openPartials()).as("partial blobs left open").isZero();
    blobs.close();
  }

  @Test
  void open_manyReadersOfAColdBlob_costOneDownload() throws Exception {
    var gate = new CountDownLatch(1);
    server.next(path, new Step.Hold(1_000_000, gate));

    List<byte[]> bodies =
        Concurrently.run(
            64,
            i ->
                () -> {
                  try (BlobSource source = pullThrough.open(app, digest)) {
                    byte[] head = read(source, 0, 500_000 + i);
                    if (i == 0) {
                      gate.countDown();
                    }
                    if (i % 3 == 1) {
                      return head; // Leaves half-way.
                    }
                    return concat(head, read(source, head.length, SIZE - head.length));
                  }
                });

    for (int i = 0; i < 64; i++) {
      int expected = i % 3 == 1 ? 500_000 + i : SIZE;
      assertThat(bodies.get(i)).isEqualTo(Arrays.copyOf(content, expected));
    }
    assertThat(server.count("GET", path)).isOne();
    assertThat(server.bytes(path)).isEqualTo(SIZE);
    assertThat(observer.bytes.sum()).isEqualTo(SIZE);
    assertThat(observer.joins).hasValue(63);
    assertThat(metadata.linkedBlob(app.local(), digest)).contains(new BlobInfo(digest, SIZE));
  }

  @Test
  void open_again_comesFromTheStoreAsAFile() {
    pullThrough.fetch(app, digest);
    server.close();

    try (BlobSource source = pullThrough.open(app, digest)) {
      assertThat(source).isInstanceOf(BlobSource.LocalFile.class);
      assertThat(read(source, 0, SIZE)).isEqualTo(content);
    }
  }

  @Test
  void open_everyReaderLeaves_downloadGoesOn() {
    var gate = new CountDownLatch(1);
    server.next(path, new Step.Hold(1_000, gate));
    pullThrough.open(app, digest).close();
    gate.countDown();

    Awaitility.await().until(() -> blobs.stat(digest).isPresent());
    assertThat(server.count("GET", path)).isOne();
    Awaitility.await().untilAsserted(() -> assertThat(fetches.size()).isZero());
  }

  @Test
  void open_slowReader_doesNotHoldTheDownload() {
    try (BlobSource source = pullThrough.open(app, digest)) {
      read(source, 0, 10);
      Awaitility.await().until(() -> blobs.stat(digest).isPresent());

      assertThat(read(source, 10, SIZE - 10)).isEqualTo(Arrays.copyOfRange(content, 10, SIZE));
    }
  }

  @Test
  void read_lastByte_waitsForTheCommit() throws Exception {
    var committing = new CountDownLatch(1);
    var gate = new CountDownLatch(1);
    blobs.beforeCommit(() -> {
      committing.countDown();
      awaitQuietly(gate);
    });
    try (BlobSource source = pullThrough.open(app, digest)) {
      assertThat(read(source, 0, SIZE - 1)).hasSize(SIZE - 1);
      committing.await();
      var last = Concurrently.start(() -> read(source, SIZE - 1, 1));
      assertThatThrownBy(() -> last.get(200, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);

      gate.countDown();
      assertThat(last.get(10, TimeUnit.SECONDS)).containsExactly(content[SIZE - 1]);
    }
  }

  @Test
  void read_contentWithAnotherDigest_neverEndsCleanlyAndStoresNothing() throws Exception {
    byte[] corrupt = content.clone();
    corrupt[SIZE - 2] ^= 1;
    server.next(path, new Step.Content(corrupt));

    try (BlobSource source = pullThrough.open(app, digest)) {
      assertThatThrownBy(() -> read(source, 0, SIZE))
          .isInstanceOf(UpstreamException.Invalid.class)
          .hasMessageContaining(digest.toString());
    }
    Awaitility.await().untilAsserted(() -> assertThat(fetches.size()).isZero());
    assertThat(blobs.blobs()).isZero();
    assertThat(observer.givenUp).hasValue(1);

    pullThrough.fetch(app, digest);
    assertThat(blobs.stat(digest)).as("the next attempt starts anew").isPresent();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void read_connectionCut_resumesWhereItBroke(boolean rangeHonoured) {
    server.next(path, new Step.Cut(1_200_000), new Step.Cut(1_300_000));
    if (!rangeHonoured) {
      server.always(path, new Step.IgnoreRange());
    }

    try (BlobSource source = pullThrough.open(app, digest)) {
      assertThat(read(source, 0, SIZE)).isEqualTo(content);
    }
    // Once it has answered a range, upstream may be asked for two at a time.
    assertThat(server.count("GET", path)).isBetween(3L, 4L);
    if (rangeHonoured) {
      // What the client had not taken from its socket when the connection broke is sent again.
      assertThat(server.requests())
          .last()
          .satisfies(request -> assertThat(request.range()).isPresent());
      assertThat(server.bytes(path)).isLessThan(SIZE + 2 * 256 * 1024);
    }
  }

  @Test
  void read_connectionStalls_resumes() {
    server.next(path, new Step.Hold(100_000, new CountDownLatch(1)));
    var settings = server.settings("up.example", Duration.ofSeconds(20), Duration.ofMillis(500));

    try (var impatient = new UpstreamRegistry(settings, Clock.systemUTC(), observer);
        var source =
            pullThrough.open(
                new MirroredRepository(impatient, RepositoryName.parse("team/app")), digest)) {
      assertThat(read(source, 0, SIZE)).isEqualTo(content);
    }
    assertThat(server.count("GET", path)).isEqualTo(2);
  }

  @Test
  void read_bodyTakesLongerThanTheResponseTimeout_isNotCut() throws Exception {
    var gate = new CountDownLatch(1);
    server.next(path, new Step.Hold(100_000, gate));
    var settings = server.settings("up.example", Duration.ofMillis(800), Duration.ofSeconds(20));
    try (var patient = new UpstreamRegistry(settings, Clock.systemUTC(), observer);
        var source =
            pullThrough.open(
                new MirroredRepository(patient, RepositoryName.parse("team/app")), digest)) {
      assertThat(gate.await(1_000, TimeUnit.MILLISECONDS)).isFalse();
      gate.countDown();

      assertThat(read(source, 0, SIZE)).isEqualTo(content);
    }
    assertThat(server.count("GET", path)).isOne();
  }

  @Test
  void read_connectionCutAgainAndAgain_fails() {
    server.always(path, new Step.Cut(10_000));

    try (BlobSource source = pullThrough.open(app, digest)) {
      assertThatThrownBy(() -> read(source, 0, SIZE))
          .isInstanceOf(UpstreamException.Unreachable.class)
          .hasMessageContaining("broke off");
    }
    // At least four breaks, and with the shortest waits no more than eight until patience ends. A
    // break that hides the head of an answer too has that request made three times.
    assertThat(server.count("GET", path)).isBetween(4L, 24L);
    assertThat(observer.requests(Operation.BLOB_GET, Outcome.OK)).isLessThanOrEqualTo(8);
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 403, 429, 503})
  void prepare_upstreamRefuses_failsBeforeAnythingIsServed(int status) throws Exception {
    server.always(path, new Step.Status(status, Map.of()));

    try (BlobSource source = pullThrough.open(app, digest)) {
      assertThatThrownBy(() -> prepare(source, new Extent(0, SIZE)))
          .isInstanceOf(UpstreamException.class)
          .hasMessageContaining("answered " + status);
    }
    assertThat(blobs.blobs()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 403, 429, 503})
  void open_notLinkedAndUpstreamRefuses_fails(int status) {
    var other = new MirroredRepository(registry, RepositoryName.parse("team/other"));
    server.always(
        ScriptedUpstream.blobPath("team/other", digest), new Step.Status(status, Map.of()));

    assertThat(catchThrowable(() -> pullThrough.open(other, digest)))
        .isInstanceOf(UpstreamException.class)
        .hasMessageContaining("answered " + status);
    assertThat(metadata.linkedBlob(other.local(), digest)).isEmpty();
  }

  @Test
  void prepare_upstreamSilent_waitsForItsAnswer() throws Exception {
    var gate = new CountDownLatch(1);
    server.next(path, new Step.Silence(gate));
    try (BlobSource source = pullThrough.open(app, digest)) {
      var prepared = Concurrently.start(() -> prepare(source, new Extent(0, SIZE)));
      Awaitility.await().until(() -> server.count("GET", path) == 1);
      assertThat(prepared).isNotDone();

      gate.countDown();
      prepared.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void open_refusedAMomentAgo_upstreamIsNotAskedAgain() {
    Digest unknown = Digest.ofSha256(new byte[] {1});

    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> pullThrough.open(app, unknown).close())
          .isInstanceOf(UpstreamException.NotFound.class);
    }

    assertThat(server.count("HEAD", ScriptedUpstream.blobPath("team/app", unknown))).isOne();
  }

  @Test
  void open_sizeOtherThanAdvertised_isInvalid() {
    server.manifest("team/app", "latest", Images.json("lies", digest, SIZE + 1));
    pullThrough.tag(app, Tag.parse("latest"));

    try (BlobSource source = pullThrough.open(app, digest)) {
      assertThatThrownBy(() -> prepare(source, new Extent(0, SIZE + 1)))
          .isInstanceOf(UpstreamException.Invalid.class)
          .hasMessageContaining("has %d bytes, not %d".formatted(SIZE, SIZE + 1));
    }
  }

  @Test
  void open_lengthNotStatedButAdvertised_streams() {
    server.manifest("team/app", "latest", Images.json("fine", digest, SIZE));
    pullThrough.tag(app, Tag.parse("latest"));
    server.always(path, new Step.NoLength());

    try (BlobSource source = pullThrough.open(app, digest)) {
      assertThat(source.size()).isEqualTo(SIZE);
      assertThat(read(source, 0, SIZE)).isEqualTo(content);
    }
  }

  @Test
  void open_lengthNeitherStatedNorAdvertised_isInvalid() {
    var other = new MirroredRepository(registry, RepositoryName.parse("team/other"));
    server.blob("team/other", content);
    server.always(ScriptedUpstream.blobPath("team/other", digest), new Step.NoLength());

    assertThatThrownBy(() -> pullThrough.open(other, digest))
        .isInstanceOf(UpstreamException.Invalid.class)
        .hasMessageContaining("has no Content-Length");
  }

  @Test
  void open_moreBytesThanAdvertised_isInvalid() {
    server.manifest("team/app", "latest", Images.json("short", digest, SIZE - 1));
    pullThrough.tag(app, Tag.parse("latest"));
    server.always(path, new Step.NoLength());

    try (BlobSource source = pullThrough.open(app, digest)) {
      assertThatThrownBy(() -> read(source, 0, SIZE - 1))
          .isInstanceOf(UpstreamException.Invalid.class);
    }
  }

  @Test
  void open_emptyBlob_isVerifiedFirst() {
    Digest empty = server.blob("team/app", new byte[0]);

    pullThrough.fetch(app, empty);
    try (BlobSource source = pullThrough.open(app, empty)) {
      assertThat(source).isInstanceOf(BlobSource.LocalFile.class);
      assertThat(source.size()).isZero();
    }
  }

  @Test
  void open_storedButNotOfThisRepository_isConfirmedByUpstream() {
    pullThrough.fetch(app, digest);
    var without = new MirroredRepository(registry, RepositoryName.parse("team/without"));
    var other = new MirroredRepository(registry, RepositoryName.parse("team/other"));
    server.blob("team/other", content);

    assertThatThrownBy(() -> pullThrough.open(without, digest))
        .isInstanceOf(UpstreamException.NotFound.class);
    assertThat(metadata.linkedBlob(without.local(), digest)).isEmpty();

    pullThrough.open(other, digest).close();
    assertThat(metadata.linkedBlob(other.local(), digest)).isPresent();
    assertThat(server.count("GET", ScriptedUpstream.blobPath("team/other", digest))).isZero();
  }

  @Test
  void open_underWayForAnotherRepository_isConfirmedAndJoined() {
    var gate = new CountDownLatch(1);
    server.next(path, new Step.Hold(1_000, gate));
    var without = new MirroredRepository(registry, RepositoryName.parse("team/without"));
    var other = new MirroredRepository(registry, RepositoryName.parse("team/other"));
    server.blob("team/other", content);
    try (BlobSource first = pullThrough.open(app, digest)) {
      assertThatThrownBy(() -> pullThrough.open(without, digest))
          .isInstanceOf(UpstreamException.NotFound.class);

      try (BlobSource second = pullThrough.open(other, digest)) {
        gate.countDown();
        assertThat(read(second, 0, SIZE)).isEqualTo(content);
      }
      assertThat(read(first, 0, SIZE)).isEqualTo(content);
    }
    assertThat(server.count("GET", ScriptedUpstream.blobPath("team/other", digest))).isZero();
  }

  @Test
  void open_originLosesTheBlobWhileAnotherHasIt_asksThatOne() throws Exception {
    var gate = new CountDownLatch(1);
    server.next(path, new Step.Silence(gate));
    var other = new MirroredRepository(registry, RepositoryName.parse("team/other"));
    server.blob("team/other", content);
    try (BlobSource first = pullThrough.open(app, digest)) {
      var body = Concurrently.start(() -> read(first, 0, SIZE));
      Awaitility.await().until(() -> server.count("GET", path) == 1);
      try (BlobSource second = pullThrough.open(other, digest)) {
        server.forget(path);
        gate.countDown();

        assertThat(read(second, 0, SIZE)).isEqualTo(content);
        assertThat(body.get(10, TimeUnit.SECONDS)).isEqualTo(content);
      }
    }
  }

  @Test
  void stat_linked_isAnsweredFromTheManifest() {
    server.manifest("team/app", "latest", Images.json("fine", digest, SIZE));
    pullThrough.tag(app, Tag.parse("latest"));

    assertThat(pullThrough.stat(app, digest)).isEqualTo(new BlobInfo(digest, SIZE));
    assertThat(server.count("HEAD", path)).isZero();
  }

  @Test
  void stat_notLinked_asksAndLinks() {
    var other = new MirroredRepository(registry, RepositoryName.parse("team/other"));
    String there = ScriptedUpstream.blobPath("team/other", digest);
    server.blob("team/other", content);

    assertThat(pullThrough.stat(other, digest)).isEqualTo(new BlobInfo(digest, SIZE));
    assertThat(server.count("HEAD", there)).isOne();
    assertThat(server.count("GET", there)).isZero();
    assertThat(pullThrough.stat(other, digest)).isEqualTo(new BlobInfo(digest, SIZE));
    assertThat(server.count("HEAD", there)).isOne();
  }

  @Test
  void stat_manifestLiesAboutASizeThatTheStoreKnows_isTheStores() {
    pullThrough.fetch(app, digest);
    metadata.linkBlob(app.local(), RepositoryKind.MIRRORED, new BlobInfo(digest, 7));

    assertThat(pullThrough.stat(app, digest).size()).isEqualTo(SIZE);
  }

  @Test
  void close_whileReadersWait_failsThem() throws Exception {
    server.next(path, new Step.Hold(1_000, new CountDownLatch(1)));
    try (BlobSource source = pullThrough.open(app, digest)) {
      var body = Concurrently.start(() -> catchThrowable(() -> read(source, 0, SIZE)));
      fetches.close();

      assertThat(body.get(10, TimeUnit.SECONDS)).isInstanceOf(UpstreamException.Unreachable.class);
    }
    assertThat(fetches.size()).isZero();
    assertThatThrownBy(() -> pullThrough.open(app, digest))
        .isInstanceOf(UpstreamException.Unreachable.class)
        .hasMessageContaining("shutting down");
  }

  @Test
  void close_ofASourceInUse_freesTheThreadThatWaitsInIt() throws Exception {
    var gate = new CountDownLatch(1);
    server.next(path, new Step.Hold(1_000, gate));
    BlobSource source = pullThrough.open(app, digest);
    var body = Concurrently.start(() -> catchThrowable(() -> read(source, 0, SIZE)));
    source.close();

    assertThat(body.get(10, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
    gate.countDown();
    pullThrough.fetch(app, digest);
  }

  @Test
  void open_moreBlobsThanConnections_queueAndAllArrive() throws Exception {
    var gate = new CountDownLatch(1);
    var contents = IntStream.range(0, 24).mapToObj(i -> Images.random(50_000, i)).toList();
    var digests = contents.stream().map(each -> server.blob("team/app", each)).toList();
    for (Digest each : digests) {
      metadata.linkBlob(app.local(), RepositoryKind.MIRRORED, new BlobInfo(each, 50_000));
      server.next(ScriptedUpstream.blobPath("team/app", each), new Step.Hold(1_000, gate));
    }
    var opener =
        Thread.startVirtualThread(() -> {
          // Six of the eight connections are for downloads.
          Awaitility.await()
              .during(Duration.ofMillis(300))
              .until(() -> server.requests().size() == 6 && fetches.size() == 24);
          gate.countDown();
        });

    List<byte[]> bodies =
        Concurrently.run(
            24,
            i ->
                () -> {
                  try (BlobSource source = pullThrough.open(app, digests.get(i))) {
                    return read(source, 0, 50_000);
                  }
                });

    opener.join();
    assertThat(gate.getCount()).isZero();
    for (int i = 0; i < 24; i++) {
      assertThat(bodies.get(i)).isEqualTo(contents.get(i));
    }
  }

  @Test
  void open_evictedWhileItIsOpened_isDownloadedAgain() {
    pullThrough.fetch(app, digest);
    blobs.beforeOpen(() -> {
      blobs.beforeOpen(() -> {});
      blobs.delete(digest);
    });

    try (BlobSource source = pullThrough.open(app, digest)) {
      assertThat(read(source, 0, SIZE)).isEqualTo(content);
    }
    assertThat(server.count("GET", path)).isEqualTo(2);
  }

  @Test
  void tag_whileDownloadsTakeEveryConnectionOfTheirs_isAnswered() {
    var gate = new CountDownLatch(1);
    server.manifest("team/app", "latest", Images.json("fine"));
    var sources =
        IntStream.range(0, 6)
            .mapToObj(i -> {
              Digest each = server.blob("team/app", Images.random(50_000, i));
              metadata.linkBlob(app.local(), RepositoryKind.MIRRORED, new BlobInfo(each, 50_000));
              server.next(ScriptedUpstream.blobPath("team/app", each), new Step.Hold(1_000, gate));
              BlobSource source = pullThrough.open(app, each);
              prepare(source, new Extent(0, 50_000));
              return source;
            })
            .toList();

    assertThat(pullThrough.tag(app, Tag.parse("latest")).stale()).isEmpty();
    gate.countDown();
    sources.forEach(BlobSource::close);
  }

  private static Extent prepare(BlobSource source, Extent wanted) {
    ((BlobSource.Growing) source).prepare(List.of(wanted), Duration.ofSeconds(30));
    return wanted;
  }

  private static byte[] read(BlobSource source, long from, int count) {
    var body = new ByteArrayOutputStream(count);
    var buffer = ByteBuffer.allocate(48 * 1024);
    while (body.size() < count) {
      buffer.clear().limit(Math.min(buffer.capacity(), count - body.size()));
      int read = source.read(buffer, from + body.size());
      assertThat(read).isPositive().isEqualTo(buffer.position());
      body.write(buffer.array(), 0, read);
    }
    return body.toByteArray();
  }

  private static byte[] concat(byte[] head, byte[] tail) {
    byte[] whole = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, whole, head.length, tail.length);
    return whole;
  }

  private static void awaitQuietly(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
