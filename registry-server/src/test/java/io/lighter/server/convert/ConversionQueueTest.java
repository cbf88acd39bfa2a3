package io.lighter.server.convert;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.rocksdb.RocksStores;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConversionQueueTest {
  private static final RepositoryName REPOSITORY = RepositoryName.parse("app");
  private static final Digest FIRST = Digest.ofSha256(new byte[] {1});
  private static final Digest SECOND = Digest.ofSha256(new byte[] {2});
  private static final Digest THIRD = Digest.ofSha256(new byte[] {3});

  @TempDir private Path directory;
  private final LeapingClock clock = new LeapingClock(Duration.ofMinutes(10));
  private RocksStores stores;
  private ConversionStore store;

  @BeforeEach
  void open() {
    stores = new RocksStores(directory, 8 << 20, clock, Duration.ofHours(1));
    store = stores.conversions();
  }

  @AfterEach
  void close() {
    stores.close();
  }

  @Test
  void offer_ofAnImageThatIsQueued_addsNothing() throws InterruptedException {
    var queue = new ConversionQueue(store, clock);

    assertThat(queue.offer(REPOSITORY, FIRST)).isTrue();
    assertThat(queue.offer(REPOSITORY, FIRST)).isFalse();
    assertThat(queue.offer(REPOSITORY, SECOND)).isTrue();
    assertThat(queue.backlog()).isEqualTo(2);
    assertThat(queue.take().job().image()).isEqualTo(SECOND);
    assertThat(queue.offer(REPOSITORY, SECOND)).as("while it is being converted").isFalse();
  }

  @Test
  void start_takesUpWhatWasLeft() throws InterruptedException {
    var before = new ConversionQueue(store, clock);
    before.offer(REPOSITORY, FIRST);
    before.take();

    var after = new ConversionQueue(store, clock);
    assertThat(after.backlog()).isEqualTo(1);
    assertThat(after.take().job().image()).isEqualTo(FIRST);
  }

  @Test
  void retry_keepsTheJobAndCountsTheAttempt() throws InterruptedException {
    var queue = new ConversionQueue(store, clock);
    queue.offer(REPOSITORY, FIRST);
    queue.retry(queue.take(), Duration.ofSeconds(2), "upstream is away");

    assertThat(store.jobs(ConversionJob.State.PENDING))
        .singleElement()
        .satisfies(job -> {
          assertThat(job.attempts()).isEqualTo(1);
          assertThat(job.reason()).isEqualTo("upstream is away");
        });
    assertThat(queue.take().job().attempts()).isEqualTo(1);
  }

  @Test
  void postpone_keepsTheJobAndCountsNoAttempt() throws InterruptedException {
    var queue = new ConversionQueue(store, clock);
    queue.offer(REPOSITORY, FIRST);
    queue.postpone(queue.take(), Duration.ofSeconds(2), "upstream is away");
    queue.postpone(queue.take(), Duration.ofSeconds(4), "upstream is away");

    assertThat(store.jobs(ConversionJob.State.PENDING))
        .singleElement()
        .satisfies(job -> assertThat(job.attempts()).isZero());
    var ticket = queue.take();
    assertThat(ticket.job().attempts()).isZero();
    assertThat(ticket.postponements()).isEqualTo(2);
  }

  @Test
  void take_ofSeveral_isTheOneThatWasWantedLast() throws InterruptedException {
    var queue = new ConversionQueue(store, clock);
    queue.offer(REPOSITORY, FIRST);
    queue.offer(REPOSITORY, SECOND);
    queue.offer(REPOSITORY, THIRD);
    assertThat(queue.offer(REPOSITORY, FIRST)).isFalse();

    assertThat(List.of(next(queue), next(queue), next(queue)))
        .containsExactly(FIRST, THIRD, SECOND);
  }

  @Test
  void take_whileMoreComeThanAreTaken_reachesTheOldest() throws InterruptedException {
    var queue = new ConversionQueue(store, clock);
    queue.offer(REPOSITORY, FIRST);

    var taken = new ArrayList<Digest>();
    for (int i = 10; i < 50; i += 2) {
      queue.offer(REPOSITORY, Digest.ofSha256(new byte[] {(byte) i}));
      queue.offer(REPOSITORY, Digest.ofSha256(new byte[] {(byte) (i + 1)}));
      taken.add(queue.take().job().image());
    }

    assertThat(taken.indexOf(FIRST)).as("its turn").isEqualTo(3);
  }

  @Test
  void start_takesTheYoungestFirst() throws InterruptedException {
    var before = new ConversionQueue(store, clock);
    before.offer(REPOSITORY, FIRST);
    before.offer(REPOSITORY, SECOND);

    var after = new ConversionQueue(store, clock);
    assertThat(List.of(next(after), next(after))).containsExactly(SECOND, FIRST);
  }

  @Test
  void take_thousandsWait_eachOnce() throws InterruptedException {
    var queue = new ConversionQueue(store, clock);
    List<Digest> images =
        IntStream.range(0, 2000)
            .mapToObj(n -> Digest.ofSha256(Integer.toString(n).getBytes(UTF_8)))
            .toList();
    images.forEach(image -> queue.offer(REPOSITORY, image));
    assertThat(queue.backlog()).isEqualTo(2000);

    var after = new ConversionQueue(store, clock);
    var taken = new ArrayList<Digest>();
    while (after.backlog() > 0) {
      taken.add(next(after));
    }
    assertThat(taken).containsExactlyInAnyOrderElementsOf(images);
    assertThat(taken.subList(0, 8))
        .as("the youngest, and each fourth time the oldest")
        .containsExactlyElementsOf(
            IntStream.of(1999, 1998, 1997, 0, 1996, 1995, 1994, 1).mapToObj(images::get).toList());
  }

  private static Digest next(ConversionQueue queue) throws InterruptedException {
    return queue.take().job().image();
  }

  @Test
  void retry_isNotDueBeforeItsDelay() throws InterruptedException {
    var still = new LeapingClock(Duration.ZERO);
    var queue = new ConversionQueue(store, still);
    queue.offer(REPOSITORY, FIRST);
    queue.retry(queue.take(), Duration.ofHours(1), "later");
    queue.offer(REPOSITORY, SECOND);

    assertThat(next(queue)).as("the one that is due").isEqualTo(SECOND);
    assertThat(queue.backlog()).isEqualTo(1);
  }

  @Test
  void park_holdsTheImageBackUntilTheNextStart() throws InterruptedException {
    var queue = new ConversionQueue(store, clock);
    queue.offer(REPOSITORY, FIRST);
    queue.park(queue.take(), "not a tar");

    assertThat(store.jobs(ConversionJob.State.PARKED))
        .extracting(ConversionJob::reason)
        .containsExactly("not a tar");
    assertThat(queue.offer(REPOSITORY, FIRST)).isFalse();
    assertThat(queue.backlog()).isZero();

    var after = new ConversionQueue(store, clock);
    assertThat(after.backlog()).isZero();
    assertThat(after.offer(REPOSITORY, FIRST)).isTrue();
  }

  @Test
  void drop_letsTheImageBeOfferedAgain() throws InterruptedException {
    var queue = new ConversionQueue(store, clock);
    queue.offer(REPOSITORY, FIRST);
    queue.drop(queue.take());

    assertThat(queue.offer(REPOSITORY, FIRST)).isTrue();
  }
}
