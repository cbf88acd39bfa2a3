package io.lighter.server.pullthrough;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.RepositoryName;
import io.lighter.server.limit.Places;
import io.lighter.server.upstream.Concurrently;
import io.lighter.server.upstream.CountingObserver;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.Network;
import io.lighter.server.upstream.ScriptedUpstream;
import io.lighter.server.upstream.ScriptedUpstream.Step;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.server.upstream.UpstreamRegistry;
import io.lighter.storage.BlobSource;
import io.lighter.storage.Extent;
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

  private final ColdBlob cold;

  ColdRangeTest(@TempDir Path directory) {
    cold = new ColdBlob(directory, SIZE);
  }

  @AfterEach
  void close() {
    cold.close();
  }

  @Test
  void range_probeFooterAndMiddle_costLittleMoreThanTheirBytes() {
    assertThat(range(0, 2)).isEqualTo(slice(0, 2));
    assertThat(cold.server.bytes(cold.path)).isLessThanOrEqualTo(32 * K);

    assertThat(range(SIZE - 51, SIZE)).isEqualTo(slice(SIZE - 51, SIZE));
    assertThat(range(20_000_000, 20_050_000)).isEqualTo(slice(20_000_000, 20_050_000));

    assertThat(cold.server.bytes(cold.path)).isLessThan(3 * 32 * K + 50_000 + 64 * K);
    assertThat(cold.server.requests()).allMatch(request -> request.range().isPresent());
  }

  @Test
  void range_again_isNotAskedForAgain() {
    range(1_000_000, 1_050_000);
    long before = cold.server.bytes(cold.path);

    assertThat(range(1_010_000, 1_040_000)).isEqualTo(slice(1_010_000, 1_040_000));
    assertThat(cold.server.bytes(cold.path)).isEqualTo(before);
  }

  @Test
  void range_redirectedAMomentAgo_goesThereAtOnce() {
    try (var store = ScriptedUpstream.start()) {
      store.blob("team/app", cold.content);
      cold.server.always(cold.path, new Step.Redirect(store.uri().resolve(cold.path)));

      assertThat(range(0, 2)).isEqualTo(slice(0, 2));
      assertThat(range(20_000_000, 20_050_000)).isEqualTo(slice(20_000_000, 20_050_000));
      assertThat(cold.server.count("GET", cold.path)).isEqualTo(1);
      assertThat(store.count("GET", cold.path)).isEqualTo(2);

      store.next(cold.path, new Step.Status(403, Map.of()));
      assertThat(range(30_000_000, 30_050_000)).isEqualTo(slice(30_000_000, 30_050_000));
      assertThat(cold.server.count("GET", cold.path))
          .as("the address was good no more")
          .isEqualTo(2);
    }
  }

  @Test
  void range_whenTheBurstIsOver_theRestArrivesAndNothingTwice() {
    range(0, 2);
    range(20_000_000, 21_000_000);

    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> cold.blobs.stat(cold.digest).isPresent());
    assertThat(cold.server.bytes(cold.path)).isEqualTo(SIZE);
    assertThat(range(5, 500)).isEqualTo(slice(5, 500));
    assertThat(cold.server.bytes(cold.path)).isEqualTo(SIZE);
  }

  @Test
  void range_manyAtOnce_areAllRightAndCostNoByteTwice() throws Exception {
    List<byte[]> bodies = Concurrently.run(64, i -> () -> range(first(i), first(i) + 300_000));

    for (int i = 0; i < 64; i++) {
      assertThat(bodies.get(i)).isEqualTo(slice(first(i), first(i) + 300_000));
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> cold.blobs.stat(cold.digest).isPresent());
    assertThat(cold.server.bytes(cold.path)).isBetween((long) SIZE, (long) (SIZE * 1.05));
  }

  @Test
  void range_severalInOneRequest_areRight() {
    var wanted =
        IntStream.range(0, 20)
            .mapToObj(i -> new Extent(i * 1_500_000L + 7, i * 1_500_000L + 60_007))
            .toList();
    try (BlobSource source = cold.open()) {
      growing(source).prepare(wanted, Duration.ofSeconds(3));
      for (Extent extent : wanted) {
        assertThat(read(source, extent)).isEqualTo(slice(extent));
      }
    }
    assertThat(cold.server.bytes(cold.path)).isLessThan(20 * (60_000 + 64 * K));
  }

  /** The fill must not be in the way: upstream holds it, and the range comes all the same. */
  @Test
  void range_farBehindADownloadUnderWay_overtakesIt() throws Exception {
    range(0, 2); // Ranges are known to be answered now.
    var gate = new CountDownLatch(1);
    cold.server.next(cold.path, new Step.Hold(1_000, gate), new Step.Hold(1_000, gate));
    try (BlobSource whole = cold.open()) {
      var download = Concurrently.start(() -> read(whole, new Extent(0, SIZE)));
      Awaitility.await().untilAsserted(() -> assertThat(cold.server.requests()).hasSize(3));

      assertThat(range(39_000_000, 39_050_000)).isEqualTo(slice(39_000_000, 39_050_000));

      gate.countDown();
      assertThat(download.get(30, TimeUnit.SECONDS)).isEqualTo(cold.content);
    }
    assertThat(cold.server.bytes(cold.path)).isLessThanOrEqualTo((long) (SIZE * 1.05));
  }

  @Test
  void range_upstreamIgnoresRanges_isServedOutOfOneStream() throws Exception {
    cold.server.always(cold.path, new Step.IgnoreRange());

    List<byte[]> bodies =
        Concurrently.run(8, i -> () -> range(i * 5_000_000, i * 5_000_000 + 1000));

    for (int i = 0; i < 8; i++) {
      assertThat(bodies.get(i)).isEqualTo(slice(i * 5_000_000, i * 5_000_000 + 1000));
    }
    Awaitility.await().until(() -> cold.blobs.stat(cold.digest).isPresent());
    assertThat(cold.server.count("GET", cold.path)).isOne();
    assertThat(cold.server.bytes(cold.path)).isEqualTo(SIZE);
  }

  @Test
  void range_upstreamSilent_saysToComeAgain() {
    cold.server.always(cold.path, new Step.Silence(new CountDownLatch(1)));

    try (BlobSource source = cold.open()) {
      assertThatThrownBy(
              () -> growing(source).prepare(List.of(new Extent(0, 2)), Duration.ofMillis(200)))
          .isInstanceOf(UpstreamException.Unreachable.class)
          .hasMessageContaining("try again");
    }
  }

  @Test
  void range_connectionCut_isAskedForAgain() {
    cold.server.next(cold.path, new Step.Cut(10_000));

    assertThat(range(1_000_000, 1_300_000)).isEqualTo(slice(1_000_000, 1_300_000));
  }

  /** Both learn it of the same repository; the second must not take that for the last word. */
  @Test
  void range_twoRequestsRefusedByOneRepository_theOtherOneIsAsked() throws Exception {
    range(0, 2); // Ranges are known to be answered now.
    var gate = new CountDownLatch(1);
    cold.server.next(cold.path, new Step.Silence(gate), new Step.Silence(gate));
    var first = Concurrently.start(() -> range(10_000_000, 10_000_100));
    var second = Concurrently.start(() -> range(30_000_000, 30_000_100));
    Awaitility.await().until(() -> cold.server.count("GET", cold.path) == 3);
    var other = new MirroredRepository(cold.registry, RepositoryName.parse("team/other"));
    cold.server.blob("team/other", cold.content);
    cold.pullThrough.open(other, cold.digest).close();
    cold.server.forget(cold.path);
    gate.countDown();

    assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo(slice(10_000_000, 10_000_100));
    assertThat(second.get(20, TimeUnit.SECONDS)).isEqualTo(slice(30_000_000, 30_000_100));
  }

  @Test
  void range_answerOfAnotherRange_isNotBelieved() {
    cold.server.next(cold.path, new Step.Status(206, Map.of("Content-Range", "bytes 0-9/" + SIZE)));

    try (BlobSource source = cold.open()) {
      assertThatThrownBy(() ->
              growing(source).prepare(List.of(new Extent(100_000, 100_010)), Duration.ofSeconds(9)))
          .isInstanceOf(UpstreamException.Invalid.class)
          .hasMessageContaining("not the range");
    }
  }

  @Test
  void range_ofAnUpstreamThatIsNotFilled_isAllThatIsFetched() {
    Network usual = cold.server.settings("up.example").network();
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
            cold.server.settings("up.example", frugal),
            Clock.systemUTC(),
            new CountingObserver())) {
      var there = new MirroredRepository(upstream, RepositoryName.parse("team/app"));
      for (int i = 0; i < 3; i++) {
        try (BlobSource source = cold.pullThrough.open(there, cold.digest)) {
          growing(source).prepare(List.of(new Extent(0, 2)), Duration.ofSeconds(9));
          assertThat(read(source, new Extent(0, 2))).isEqualTo(slice(0, 2));
        }
        Awaitility.await().until(() -> cold.fetches.size() == 0);
      }
      // A client that leaves ends what is under way for him.
      assertThat(cold.server.bytes(cold.path))
          .as("in three visits")
          .isLessThanOrEqualTo(3 * 32 * K);
      assertThat(cold.blobs.stat(cold.digest)).isEmpty();

      try (BlobSource source = cold.pullThrough.open(there, cold.digest)) {
        growing(source).prepare(List.of(new Extent(0, SIZE)), Duration.ofSeconds(9));
        assertThat(read(source, new Extent(0, SIZE))).isEqualTo(cold.content);
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
              first, cold.metadata, table, Clock.systemUTC(), new CountingObserver(), () -> {});
      try (BlobSource source = before.open(cold.app, cold.digest)) {
        growing(source).prepare(List.of(new Extent(0, 4_000_000)), Duration.ofSeconds(9));
        read(source, new Extent(0, 4_000_000));
      }
      table.close();
    }
    long bytes = cold.server.bytes(cold.path);
    try (var second = new WatchedBlobStore(other)) {
      var table =
          new FetchTable(
              second, new CountingObserver(), new Places("downloads", new Places.Caps(1000, 0, 0)));
      var after =
          new PullThrough(
              second, cold.metadata, table, Clock.systemUTC(), new CountingObserver(), () -> {});
      try (BlobSource source = after.open(cold.app, cold.digest)) {
        growing(source).prepare(List.of(new Extent(100, 3_000_000)), Duration.ofSeconds(9));
        assertThat(read(source, new Extent(100, 3_000_000))).isEqualTo(slice(100, 3_000_000));
      }
      assertThat(cold.server.bytes(cold.path)).isEqualTo(bytes);
      after.fetch(cold.app, cold.digest);
      table.close();
    }
    assertThat(cold.server.bytes(cold.path)).isLessThanOrEqualTo(SIZE + 32 * K);
  }

  private int first(int i) {
    return new Random(i).nextInt(SIZE - 300_000);
  }

  private byte[] range(int first, int end) {
    var wanted = new Extent(first, end);
    try (BlobSource source = cold.open()) {
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
    return Arrays.copyOfRange(cold.content, first, end);
  }
}
