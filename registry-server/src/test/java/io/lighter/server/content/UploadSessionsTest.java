package io.lighter.server.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.StorageException;
import io.lighter.storage.UploadId;
import io.lighter.storage.local.FileBlobStore;
import io.lighter.storage.local.StoreDirectory;
import io.lighter.storage.rocksdb.RocksStores;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UploadSessionsTest {
  private static final RepositoryName REPOSITORY = RepositoryName.parse("app");
  private static final byte[] CONTENT = {1, 2, 3, 4, 5};
  private static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");

  @TempDir private Path directory;
  private StoreDirectory data;
  private RocksStores stores;
  private FileBlobStore blobs;
  private UploadSessions sessions;

  @BeforeEach
  void open() {
    data = new StoreDirectory(directory);
    stores =
        new RocksStores(data.layout().metadata(), 8 << 20, Clock.systemUTC(), Duration.ofHours(1));
    blobs = new FileBlobStore(data.layout(), stores.blobIndex(), 16);
    sessions = at(NOW);
  }

  private UploadSessions at(Instant time) {
    return new UploadSessions(blobs, stores.uploads(), Clock.fixed(time, ZoneOffset.UTC), 3);
  }

  @AfterEach
  void close() {
    sessions.close();
    blobs.close();
    stores.close();
    data.close();
  }

  @Test
  void begin_beyondTheCap_isRefusedUntilOneEnds() {
    UploadId first = begin();
    begin();
    begin();
    assertThatThrownBy(this::begin)
        .isInstanceOf(TooManyUploadsException.class)
        .hasMessageContaining("3 uploads");
    assertThat(sessions.count()).isEqualTo(3);

    try (var lease = sessions.lease(REPOSITORY, first)) {
      lease.writer().abort();
      sessions.end(lease);
    }
    begin();
    assertThatThrownBy(this::begin).isInstanceOf(TooManyUploadsException.class);
  }

  @Test
  void begin_afterARestart_countsWhatWasLeft() {
    begin();
    begin();
    sessions.close();
    sessions = at(NOW);

    assertThat(sessions.count()).isEqualTo(2);
    begin();
    assertThatThrownBy(this::begin).isInstanceOf(TooManyUploadsException.class);
  }

  @Test
  void lease_afterARestart_goesOnWhereItStopped() {
    UploadId id = beginWith(CONTENT);
    sessions.close();
    sessions = at(NOW);

    try (var lease = sessions.lease(REPOSITORY, id)) {
      assertThat(lease.writer().size()).isEqualTo(CONTENT.length);
      var digest = Digest.ofSha256(CONTENT);
      assertThat(lease.writer().commit(digest).digest()).isEqualTo(digest);
      sessions.committed(lease, REPOSITORY, digest);
      assertThat(sessions.committed(REPOSITORY, id, digest)).isTrue();
      assertThat(sessions.committed(RepositoryName.parse("other"), id, digest)).isFalse();
    }
    assertThat(sessions.count()).isZero();
  }

  @Test
  void lease_underAnotherNameOrAfterTheEnd_isUnknown() {
    UploadId id = begin();
    assertThatThrownBy(() -> sessions.lease(RepositoryName.parse("other"), id))
        .isInstanceOf(StorageException.UploadMissing.class);
    try (var lease = sessions.lease(REPOSITORY, id)) {
      lease.writer().abort();
      sessions.end(lease);
    }
    assertThatThrownBy(() -> sessions.lease(REPOSITORY, id))
        .isInstanceOf(StorageException.UploadMissing.class);
    assertThatThrownBy(() -> sessions.lease(REPOSITORY, UploadId.random()))
        .isInstanceOf(StorageException.UploadMissing.class);
  }

  @Test
  void lease_whileAnotherHoldsIt_waitsForTheEnd() throws Exception {
    UploadId id = begin();
    var waiting = new CountDownLatch(1);
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Long> second;
      try (var first = sessions.lease(REPOSITORY, id)) {
        second =
            executor.submit(() -> {
              waiting.countDown();
              try (var lease = sessions.lease(REPOSITORY, id)) {
                return lease.writer().size();
              }
            });
        waiting.await();
        first.writer().append(ByteBuffer.wrap(CONTENT));
      }
      assertThat(second.get()).isEqualTo(CONTENT.length);
    }
  }

  @Test
  void closeIdle_twoLooksApart_letsGoOfTheFileAndNothingElse() {
    UploadId id = beginWith(CONTENT);
    sessions.closeIdle(Duration.ZERO);
    sessions.closeIdle(Duration.ZERO);

    try (var lease = sessions.lease(REPOSITORY, id)) {
      assertThat(lease.writer().size()).isEqualTo(CONTENT.length);
    }
    assertThat(sessions.count()).isEqualTo(1);
  }

  @Test
  void closeIdle_whatIsHeld_staysOpen() {
    UploadId id = begin();
    try (var lease = sessions.lease(REPOSITORY, id)) {
      sessions.closeIdle(Duration.ZERO);
      sessions.closeIdle(Duration.ZERO);
      lease.writer().append(ByteBuffer.wrap(CONTENT));
      assertThat(lease.writer().size()).isEqualTo(CONTENT.length);
    }
  }

  @Test
  void expire_oldUploadsThatNobodyHas_areRemovedWithTheirBytes() {
    UploadId old = beginWith(CONTENT);
    sessions.close();
    sessions = at(NOW.plus(Duration.ofHours(25)));
    UploadId young = begin();
    sessions.expire(Duration.ofHours(24));

    assertThatThrownBy(() -> sessions.lease(REPOSITORY, old))
        .isInstanceOf(StorageException.UploadMissing.class);
    assertThatThrownBy(() -> blobs.resumeUpload(old))
        .isInstanceOf(StorageException.UploadMissing.class);
    sessions.lease(REPOSITORY, young).close();
    assertThat(sessions.count()).isEqualTo(1);
  }

  private UploadId begin() {
    return beginWith(new byte[0]);
  }

  private UploadId beginWith(byte[] content) {
    try (var lease = sessions.begin(REPOSITORY)) {
      lease.writer().append(ByteBuffer.wrap(content));
      return lease.id();
    }
  }
}
