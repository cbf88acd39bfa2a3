package io.lighter.server.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.server.upstream.SettableClock;
import io.lighter.server.verify.Verification.Origin;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobQuarantine;
import io.lighter.storage.Throttle;
import io.lighter.storage.VerificationPass;
import io.lighter.storage.VerificationPass.Phase;
import io.lighter.storage.VerificationStore;
import io.lighter.storage.rocksdb.RocksStores;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationScheduleTest {
  private static final Duration INTERVAL = Duration.ofDays(30);
  private static final BlobInfo BLOB = new BlobInfo(Digest.ofSha256(new byte[1]), 1);

  @TempDir private Path root;
  private final SettableClock clock = new SettableClock();
  private RocksStores stores;
  private VerificationStore passes;
  private Verification verification;
  private VerificationSchedule schedule;
  private volatile Runnable atInspection = () -> {};

  @BeforeEach
  void open() {
    stores = new RocksStores(root, 16 << 20, clock, Duration.ofMinutes(1));
    passes = stores.verification();
    verification =
        new Verification(passes, new Sound(), stores.metadata(), (_, _) -> {}, () -> {}, clock);
    schedule = new VerificationSchedule(verification, INTERVAL, Throttle.UNLIMITED, clock);
  }

  @AfterEach
  void close() {
    schedule.close();
    verification.close();
    stores.close();
  }

  @Test
  void look_neverVerified_doesAPass() {
    schedule.look();

    assertThat(begunAtNow()).isTrue();
    assertThat(last().phase()).isEqualTo(Phase.FINISHED);
  }

  @Test
  void look_withinTheInterval_doesNothing() {
    schedule.look();
    clock.advance(INTERVAL.minusSeconds(1));

    schedule.look();

    assertThat(begunAtNow()).isFalse();
    clock.advance(Duration.ofSeconds(1));
    schedule.look();
    assertThat(begunAtNow()).as("the interval is over").isTrue();
  }

  /** An operator's pass is as good as one by schedule. */
  @Test
  void look_operatorHadItDone_doesNothing() {
    schedule.look();
    clock.advance(INTERVAL.minusSeconds(1));
    verification.run(Origin.OPERATOR, true, Throttle.UNLIMITED, new NobodyListens());
    clock.advance(Duration.ofSeconds(2));

    schedule.look();

    assertThat(begunAtNow()).isFalse();
  }

  @Test
  void look_lastPassWasStopped_continuesItAtOnce() {
    var stopped = VerificationPass.begun(clock.instant()).in(Phase.REPOSITORIES);
    passes.note(stopped);
    clock.advance(Duration.ofSeconds(1));

    schedule.look();

    assertThat(last().startedAt()).isEqualTo(stopped.startedAt());
    assertThat(last().phase()).isEqualTo(Phase.FINISHED);
  }

  /** A task that throws would never run again. */
  @Test
  void look_verificationFails_isTriedAgain() {
    stores.blobIndex().add(BLOB);
    atInspection =
        () -> {
          throw new IllegalStateException("no disk");
        };
    schedule.look();
    assertThat(last().phase()).isEqualTo(Phase.BLOBS);
    atInspection = () -> {};

    schedule.look();

    assertThat(last().phase()).isEqualTo(Phase.FINISHED);
    assertThat(last().blobs()).isEqualTo(1);
  }

  @Test
  void look_operatorIsAtIt_leavesItToHim() throws Exception {
    stores.blobIndex().add(BLOB);
    var reading = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    atInspection =
        () -> {
          reading.countDown();
          awaitQuietly(goOn);
        };
    var operator =
        new FutureTask<>(
            () -> verification.run(Origin.OPERATOR, true, Throttle.UNLIMITED, new NobodyListens()));
    Thread.ofPlatform().start(operator);
    assertThat(reading.await(10, TimeUnit.SECONDS)).isTrue();

    schedule.look();

    assertThat(operator.isDone()).isFalse();
    goOn.countDown();
    assertThat(operator.get(10, TimeUnit.SECONDS).blobs()).isEqualTo(1);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private VerificationPass last() {
    return passes.lastPass().orElseThrow();
  }

  private boolean begunAtNow() {
    return last().startedAt().equals(clock.instant());
  }

  private record NobodyListens() implements Verification.Listener {
    @Override
    public void damaged(Damage damage) {}

    @Override
    public void progressed(VerificationPass pass) {}
  }

  /** Every blob is as it was, and being read takes as long as a test likes. */
  private final class Sound implements BlobQuarantine {
    @Override
    public Optional<String> defect(BlobInfo blob, LongConsumer read) {
      atInspection.run();
      return Optional.empty();
    }

    @Override
    public boolean setAside(BlobInfo blob, Loss loss) {
      throw new IllegalStateException("nothing is damaged");
    }
  }
}
