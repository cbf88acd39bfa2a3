package io.lighter.server.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.rocksdb.RocksStores;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConversionQueueTest {
  private static final RepositoryName REPOSITORY = RepositoryName.parse("app");
  private static final Digest FIRST = Digest.ofSha256(new byte[] {1});
  private static final Digest SECOND = Digest.ofSha256(new byte[] {2});

  @TempDir private Path directory;
  private final LeapingClock clock = new LeapingClock(Duration.ofMinutes(10));
  private RocksStores stores;
  private ConversionStore store;

  @BeforeEach
  void open() {
    stores = new RocksStores(directory, 8 << 20, Clock.systemUTC(), Duration.ofHours(1));
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
    assertThat(queue.take().image()).isEqualTo(FIRST);
    assertThat(queue.offer(REPOSITORY, FIRST)).as("while it is being converted").isFalse();
  }

  @Test
  void start_takesUpWhatWasLeft() throws InterruptedException {
    var before = new ConversionQueue(store, clock);
    before.offer(REPOSITORY, FIRST);
    before.take();

    var after = new ConversionQueue(store, clock);
    assertThat(after.backlog()).isEqualTo(1);
    assertThat(after.take().image()).isEqualTo(FIRST);
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
    assertThat(queue.take().attempts()).isEqualTo(1);
  }

  @Test
  void retry_isNotDueBeforeItsDelay() throws InterruptedException {
    var still = new LeapingClock(Duration.ZERO);
    var queue = new ConversionQueue(store, still);
    queue.offer(REPOSITORY, FIRST);
    queue.retry(queue.take(), Duration.ofHours(1), "later");
    queue.offer(REPOSITORY, SECOND);

    assertThat(queue.take().image()).as("the one that is due").isEqualTo(SECOND);
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
