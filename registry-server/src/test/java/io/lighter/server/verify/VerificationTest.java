package io.lighter.server.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.Digest;
import io.lighter.server.verify.Verification.Origin;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobQuarantine;
import io.lighter.storage.Throttle;
import io.lighter.storage.VerificationPass;
import io.lighter.storage.VerificationPass.Phase;
import io.lighter.storage.local.FileBlobStore;
import io.lighter.storage.local.StoreDirectory;
import io.lighter.storage.rocksdb.RocksStores;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationTest {
  @TempDir private Path root;
  private StoreDirectory directory;
  private RocksStores stores;
  private FileBlobStore blobs;
  private List<BlobInfo> stored;

  /** What is inspected, and what happens at that. */
  private final List<BlobInfo> inspected = new ArrayList<>();

  private LongConsumer atInspection = _ -> {};

  @BeforeEach
  void store() {
    directory = new StoreDirectory(root);
    stores =
        new RocksStores(
            directory.layout().metadata(), 16 << 20, Clock.systemUTC(), Duration.ofMinutes(1));
    blobs = new FileBlobStore(directory.layout(), stores.blobIndex(), 8);
    for (int number = 0; number < 3; number++) {
      byte[] content = {(byte) number, 1, 2};
      try (var writer = blobs.newWriter()) {
        writer.append(ByteBuffer.wrap(content));
        writer.commit(Digest.ofSha256(content));
      }
    }
    stored = stores.verification().blobs("", 10);
  }

  @AfterEach
  void close() {
    blobs.close();
    stores.close();
    directory.close();
  }

  @Test
  void run_afterACrash_goesOnWithTheNextBlob() {
    atInspection =
        number -> {
          if (number == 2) {
            throw new IllegalStateException("crash");
          }
        };
    assertThatThrownBy(() -> run(verification(), false)).hasMessage("crash");
    atInspection = _ -> {};
    inspected.clear();

    VerificationPass pass = run(verification(), false);

    assertThat(inspected).isEqualTo(stored.subList(1, 3));
    assertThat(pass.phase()).isEqualTo(Phase.FINISHED);
    assertThat(pass.blobs()).isEqualTo(3);
    inspected.clear();
    run(verification(), false);
    assertThat(inspected).as("a finished one is done anew").isEqualTo(stored);
  }

  @Test
  void run_restart_beginsAnew() {
    stores
        .verification()
        .note(VerificationPass.begun(Clock.systemUTC().instant()).withBlob(stored.get(1), 1));

    VerificationPass pass = run(verification(), true);

    assertThat(inspected).isEqualTo(stored);
    assertThat(pass.damage()).isZero();
  }

  @Test
  void run_operatorWhileTheScheduleRuns_takesItsPlace() throws Exception {
    var verification = verification();
    var reading = new CountDownLatch(1);
    atInspection = _ -> reading.countDown();
    // At one byte a second it would not come to its end while this test runs.
    var scheduled =
        new FutureTask<>(() -> verification.run(Origin.SCHEDULE, false, 1, new NobodyListens()));
    Thread.ofPlatform().start(scheduled);
    assertThat(reading.await(10, TimeUnit.SECONDS)).isTrue();

    VerificationPass pass = run(verification, false);

    assertThat(pass.phase()).isEqualTo(Phase.FINISHED);
    assertThat(scheduled.get(10, TimeUnit.SECONDS).phase()).isEqualTo(Phase.BLOBS);
  }

  @Test
  void run_afterClose_refused() {
    var verification = verification();
    verification.close();

    assertThatThrownBy(() -> run(verification, false))
        .isInstanceOf(VerificationBusyException.class);
  }

  private static VerificationPass run(Verification verification, boolean restart) {
    return verification.run(Origin.OPERATOR, restart, Throttle.UNLIMITED, new NobodyListens());
  }

  private Verification verification() {
    return new Verification(
        stores.verification(),
        new Watched(),
        stores.metadata(),
        (_, _) -> {},
        () -> {},
        Clock.systemUTC());
  }

  private record NobodyListens() implements Verification.Listener {
    @Override
    public void damaged(Damage damage) {}

    @Override
    public void progressed(VerificationPass pass) {}
  }

  /** The store, watched. */
  private final class Watched implements BlobQuarantine {
    @Override
    public Optional<String> defect(BlobInfo blob, LongConsumer read) {
      inspected.add(blob);
      atInspection.accept(inspected.size());
      Optional<String> defect = blobs.defect(blob, read);
      read.accept(1000);
      return defect;
    }

    @Override
    public boolean setAside(BlobInfo blob, Loss loss) {
      return blobs.setAside(blob, loss);
    }
  }
}
