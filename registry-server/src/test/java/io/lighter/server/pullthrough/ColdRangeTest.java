package io.lighter.server.pullthrough;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.server.limit.Places;
import io.lighter.server.upstream.Concurrently;
import io.lighter.server.upstream.CountingObserver;
import io.lighter.server.upstream.Images;
import io.lighter.server.upstream.MapMetadataStore;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.Network;
import io.lighter.server.upstream.ScriptedUpstream;
import io.lighter.server.upstream.ScriptedUpstream.Step;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.server.upstream.UpstreamRegistry;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.Extent;
import io.lighter.storage.RepositoryKind;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ranges of blobs that are not here. */
@Timeout(60)
class ColdRangeTest {
  private static final int SIZE = 40_000_001;
  private static final int K = 1024;

  private final byte[] content = Images.random(SIZE, 1);
  private final Digest digest = Digest.ofSha256(content);
  private final String path = ScriptedUpstream.blobPath("team/app", digest);
  private final ScriptedUpstream server = ScriptedUpstream.start();
  private final MapMetadataStore metadata = new MapMetadataStore();
  private final UpstreamRegistry registry =
      new UpstreamRegistry(
          server.settings("up.example"), Clock.systemUTC(), new CountingObserver());
  private final MirroredRepository app =
      new MirroredRepository(registry, RepositoryName.parse("team/app"));
  private final WatchedBlobStore blobs;
  private final FetchTable fetches;
  private final PullThrough pullThrough;

  ColdRangeTest(@TempDir Path directory) {
    blobs = new WatchedBlobStore(directory);
    fetches =
        new FetchTable(
            blobs, new CountingObserver(), new Places("downloads", new Places.Caps(1000, 0, 0)));
    pullThrough =
        new PullThrough(
            blobs, metadata, fetches, Clock.systemUTC(), new CountingObserver(), () -> {});
    server.blob("team/app", content);
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
  void range_probeFooterAndMiddle_costLittleMoreThanTheirBytes() {
    assertThat(range(0, 2)).isEqualTo(slice(0, 2));
    assertThat(server.bytes(path)).isLessThanOrEqualTo(32 * K);

    assertThat(range(SIZE - 51, SIZE)).isEqualTo(slice(SIZE - 51, SIZE));
    assertThat(range(20_000_000, 20_050_000)).isEqualTo(slice(20_000_000, 20_050_000));

    assertThat(server.bytes(path)).isLessThan(3 * 32 * K + 50_000 + 64 * K);
    assertThat(server.requests()).allMatch(request -> request.range().isPresent());
  }

  @Test
  void range_again_isNotAskedForAgain() {
    range(1_000_000, 1_050_000);
    long before = server.bytes(path);

    assertThat(range(1_010_000, 1_040_000)).isEqualTo(slice(1_010_000, 1_040_000));
    assertThat(server.bytes(path)).isEqualTo(before);
  }

  @Test
  void range_redirectedAMomentAgo_goesThereAtOnce() {
    try (var store = ScriptedUpstream.start()) {
      store.blob("team/app", content);
      server.always(path, new Step.Redirect(store.uri().resolve(path)));

      assertThat(range(0, 2)).isEqualTo(slice(0, 2));
      assertThat(range(20_000_000, 20_050_000)).isEqualTo(slice(20_000_000, 20_050_000));
      assertThat(server.count("GET", path)).isEqualTo(1);
      assertThat(store.count("GET", path)).isEqualTo(2);

      store.next(path, new Step.Status(403, Map.of()));
      assertThat(range(30_000_000, 30_050_000)).isEqualTo(slice(30_000_000, 30_050_000));
      assertThat(server.count("GET", path)).as("the address was good no more").isEqualTo(2);
    }
  }

  @Test
  void range_whenTheBurstIsOver_theRestArrivesAndNothingTwice() {
    range(0, 2);
    range(20_000_000, 21_000_000);

    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> blobs.stat(digest).isPresent());
    assertThat(server.bytes(path)).isEqualTo(SIZE);
    assertThat(range(5, 500)).isEqualTo(slice(5, 500));
    assertThat(server.bytes(path)).isEqualTo(SIZE);
  }

  @Test
  void range_manyAtOnce_areAllRightAndCostNoByteTwice() throws Exception {
    List<byte[]> bodies = Concurrently.run(64, i -> () -> range(first(i), first(i) + 300_000));

    for (int i = 0; i < 64; i++) {
      assertThat(bodies.get(i)).isEqualTo(slice(first(i), first(i) + 300_000));
    }
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> blobs.stat(digest).isPresent());
    assertThat(server.bytes(path)).isBetween((long) SIZE, (long) (SIZE * 1.05));
  }

  @Test
  void range_severalInOneRequest_areRight() {
    var wanted =
        IntStream.range(0, 20)
            .mapToObj(i -> new Extent(i * 1_500_000L + 7, i * 1_500_000L + 60_007))
            .toList();
    try (BlobSource source = pullThrough.open(app, digest)) {
      growing(source).prepare(wanted, Duration.ofSeconds(3));
      for (Extent extent : wanted) {
        assertThat(read(source, extent)).isEqualTo(slice(extent));
      }
    }
    assertThat(server.bytes(path)).isLessThan(20 * (60_000 + 64 * K));
  }

  /** The fill must not be in the way: upstream holds it, and the range comes all the same. */
  @Test
  void range_farBehindADownloadUnderWay_overtakesIt() throws Exception {
    range(0, 2); // Ranges are known to be answered now.
    var gate = new CountDownLatch(1);
    server.next(path, new Step.Hold(1_000, gate), new Step.Hold(1_000, gate));
    try (BlobSource whole = pullThrough.open(app, digest)) {
      var download = Concurrently.start(() -> read(whole, new Extent(0, SIZE)));
      Awaitility.await().untilAsserted(() -> assertThat(server.requests()).hasSize(3));

      assertThat(range(39_000_000, 39_050_000)).isEqualTo(slice(39_000_000, 39_050_000));

      gate.countDown();
      assertThat(download.get(30, TimeUnit.SECONDS)).isEqualTo(content);
    }
    assertThat(server.bytes(path)).isLessThanOrEqualTo((long) (SIZE * 1.05));
  }

  @Test
  void range_upstreamIgnoresRanges_isServedOutOfOneStream() throws Exception {
    server.always(path, new Step.IgnoreRange());

    List<byte[]> bodies =
        Concurrently.run(8, i -> () -> range(i * 5_000_000, i * 5_000_000 + 1000));

    for (int i = 0; i < 8; i++) {
      assertThat(bodies.get(i)).isEqualTo(slice(i * 5_000_000, i * 5_000_000 + 1000));
    }
    Awaitility.await().until(() -> blobs.stat(digest).isPresent());
    assertThat(server.count("GET", path)).isOne();
    assertThat(server.bytes(path)).isEqualTo(SIZE);
  }

  @Test
  void range_upstreamSilent_saysToComeAgain() {
    server.always(path, new Step.Silence(new CountDownLatch(1)));

    try (BlobSource source = pullThrough.open(app, digest)) {
      assertThatThrownBy(
              () -> growing(source).prepare(List.of(new Extent(0, 2)), Duration.ofMillis(200)))
          .isInstanceOf(UpstreamException.Unreachable.class)
          .hasMessageContaining("try again");
    }
  }

  @Test
  void range_connectionCut_isAskedForAgain() {
    server.next(path, new Step.Cut(10_000));

    assertThat(range(1_000_000, 1_300_000)).isEqualTo(slice(1_000_000, 1_300_000));
  }

  /** Both learn it of the same repository; the second must not take that for the last word. */
  @Test
  void range_twoRequestsRefusedByOneRepository_theOtherOneIsAsked() throws Exception {
    range(0, 2); // Ranges are known to be answered now.
    var gate = new CountDownLatch(1);
    server.next(path, new Step.Silence(gate), new Step.Silence(gate));
    var first = Concurrently.start(() -> range(10_000_000, 10_000_100));
    var second = Concurrently.start(() -> range(30_000_000, 30_000_100));
    Awaitility.await().until(() -> server.count("GET", path) == 3);
    var other = new MirroredRepository(registry, RepositoryName.parse("team/other"));
    server.blob("team/other", content);
    pullThrough.open(other, digest).close();
    server.forget(path);
    gate.countDown();

    assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo(slice(10_000_000, 10_000_100));
    assertThat(second.get(20, TimeUnit.SECONDS)).isEqualTo(slice(30_000_000, 30_000_100));
  }

  @Test
  void range_answerOfAnotherRange_isNotBelieved() {
    server.next(path, new Step.Status(206, Map.of("Content-Range", "bytes 0-9/" + SIZE)));

    try (BlobSource source = pullThrough.open(app, digest)) {
      assertThatThrownBy(() ->
              growing(source).prepare(List.of(new Extent(100_000, 100_010)), Duration.ofSeconds(9)))
          .isInstanceOf(UpstreamException.Invalid.class)
          .hasMessageContaining("not the range");
    }
  }

  @Test
  void range_ofAnUpstreamThatIsNotFilled_isAllThatIsFetched() {
    Network usual = server.settings("up.example").network();
    var frugal =
        new Network(
            8,
            1,
            false,
            Optional.empty(),
            Optional.empty(),
            usual.connectTimeout(),
            usual.responseTimeout(),
            usual.stallTimeout());
    try (var upstream =
        new UpstreamRegistry(
            server.settings("up.example", frugal), Clock.systemUTC(), new CountingObserver())) {
      var there = new MirroredRepository(upstream, RepositoryName.parse("team/app"));
      for (int i = 0; i < 3; i++) {
        try (BlobSource source = pullThrough.open(there, digest)) {
          growing(source).prepare(List.of(new Extent(0, 2)), Duration.ofSeconds(9));
          assertThat(read(source, new Extent(0, 2))).isEqualTo(slice(0, 2));
        }
        Awaitility.await().until(() -> fetches.size() == 0);
      }
      // A client that leaves ends what is under way for him.
      assertThat(server.bytes(path)).as("in three visits").isLessThanOrEqualTo(3 * 32 * K);
      assertThat(blobs.stat(digest)).isEmpty();

      try (BlobSource source = pullThrough.open(there, digest)) {
        growing(source).prepare(List.of(new Extent(0, SIZE)), Duration.ofSeconds(9));
        assertThat(read(source, new Extent(0, SIZE))).isEqualTo(content);
      }
    }
  }

  @Test
  void range_afterARestart_whatWasHereIsNotAskedForAgain(@TempDir Path other) {
    try (var first = new WatchedBlobStore(other)) {
      var table =
          new FetchTable(
              first, new CountingObserver(), new Places("downloads", new Places.Caps(1000, 0, 0)));
      var before =
          new PullThrough(
              first, metadata, table, Clock.systemUTC(), new CountingObserver(), () -> {});
      try (BlobSource source = before.open(app, digest)) {
        growing(source).prepare(List.of(new Extent(0, 4_000_000)), Duration.ofSeconds(9));
        read(source, new Extent(0, 4_000_000));
      }
      table.close();
    }
    long bytes = server.bytes(path);
    try (var second = new WatchedBlobStore(other)) {
      var table =
          new FetchTable(
              second, new CountingObserver(), new Places("downloads", new Places.Caps(1000, 0, 0)));
      var after =
          new PullThrough(
              second, metadata, table, Clock.systemUTC(), new CountingObserver(), () -> {});
      try (BlobSource source = after.open(app, digest)) {
        growing(source).prepare(List.of(new Extent(100, 3_000_000)), Duration.ofSeconds(9));
        assertThat(read(source, new Extent(100, 3_000_000))).isEqualTo(slice(100, 3_000_000));
      }
      assertThat(server.bytes(path)).isEqualTo(bytes);
      after.fetch(app, digest);
      table.close();
    }
    assertThat(server.bytes(path)).isLessThanOrEqualTo(SIZE + 32 * K);
  }

  private int first(int i) {
    return new Random(i).nextInt(SIZE - 300_000);
  }

  private byte[] range(int first, int end) {
    var wanted = new Extent(first, end);
    try (BlobSource source = pullThrough.open(app, digest)) {
      if (source instanceof BlobSource.Growing growing) {
        growing.prepare(List.of(wanted), Duration.ofSeconds(20));
      }
      return read(source, wanted);
    }
  }

  private static BlobSource.Growing growing(BlobSource source) {
    return (BlobSource.Growing) source;
  }

  private static byte[] read(BlobSource source, Extent extent) {
    var target = ByteBuffer.allocate((int) extent.length());
    while (target.hasRemaining()) {
      source.read(target, extent.first() + target.position());
    }
    return target.array();
  }

  private byte[] slice(Extent extent) {
    return slice((int) extent.first(), (int) extent.end());
  }

  private byte[] slice(int first, int end) {
    return Arrays.copyOfRange(content, first, end);
  }
}
