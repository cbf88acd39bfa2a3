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
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.Extent;
import io.lighter.storage.RepositoryKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A blob that comes from an upstream which does what it should: what its readers share, which
 * repositories have it, and who waits for what. What an upstream does wrong is in {@link
 * PullThroughBlobFailureTest}.
 */
@Timeout(60)
class PullThroughBlobTest {
  private final ColdBlob cold;

  PullThroughBlobTest(@TempDir Path directory) {
    cold = new ColdBlob(directory);
  }

  @AfterEach
  void close() {
    cold.close();
  }

  @Test
  void open_manyReadersOfAColdBlob_costOneDownload() throws Exception {
    var gate = new CountDownLatch(1);
    cold.server.next(cold.path, new Step.Hold(1_000_000, gate));

    List<byte[]> bodies =
        Concurrently.run(
            64,
            i ->
                () -> {
                  try (BlobSource source = cold.open()) {
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
      assertThat(bodies.get(i)).isEqualTo(Arrays.copyOf(cold.content, expected));
    }
    assertThat(cold.server.count("GET", cold.path)).isOne();
    assertThat(cold.server.bytes(cold.path)).isEqualTo(SIZE);
    assertThat(cold.observer.bytes.sum()).isEqualTo(SIZE);
    assertThat(cold.observer.joins).hasValue(63);
    assertThat(cold.metadata.linkedBlob(cold.app.local(), cold.digest))
        .contains(new BlobInfo(cold.digest, SIZE));
  }

  @Test
  void open_again_comesFromTheStoreAsAFile() {
    cold.pullThrough.fetch(cold.app, cold.digest);
    cold.server.close();

    try (BlobSource source = cold.open()) {
      assertThat(source).isInstanceOf(BlobSource.LocalFile.class);
      assertThat(read(source, 0, SIZE)).isEqualTo(cold.content);
    }
  }

  @Test
  void open_everyReaderLeaves_downloadGoesOn() {
    var gate = new CountDownLatch(1);
    cold.server.next(cold.path, new Step.Hold(1_000, gate));
    cold.open().close();
    gate.countDown();

    Awaitility.await().until(() -> cold.blobs.stat(cold.digest).isPresent());
    assertThat(cold.server.count("GET", cold.path)).isOne();
    Awaitility.await().untilAsserted(() -> assertThat(cold.fetches.size()).isZero());
  }

  @Test
  void open_slowReader_doesNotHoldTheDownload() {
    try (BlobSource source = cold.open()) {
      read(source, 0, 10);
      Awaitility.await().until(() -> cold.blobs.stat(cold.digest).isPresent());

      assertThat(read(source, 10, SIZE - 10)).isEqualTo(Arrays.copyOfRange(cold.content, 10, SIZE));
    }
  }

  @Test
  void read_lastByte_waitsForTheCommit() throws Exception {
    var committing = new CountDownLatch(1);
    var gate = new CountDownLatch(1);
    cold.blobs.beforeCommit(() -> {
      committing.countDown();
      awaitQuietly(gate);
    });
    try (BlobSource source = cold.open()) {
      assertThat(read(source, 0, SIZE - 1)).hasSize(SIZE - 1);
      committing.await();
      var last = Concurrently.start(() -> read(source, SIZE - 1, 1));
      assertThatThrownBy(() -> last.get(200, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);

      gate.countDown();
      assertThat(last.get(10, TimeUnit.SECONDS)).containsExactly(cold.content[SIZE - 1]);
    }
  }

  @Test
  void open_emptyBlob_isVerifiedFirst() {
    Digest empty = cold.server.blob("team/app", new byte[0]);

    cold.pullThrough.fetch(cold.app, empty);
    try (BlobSource source = cold.pullThrough.open(cold.app, empty)) {
      assertThat(source).isInstanceOf(BlobSource.LocalFile.class);
      assertThat(source.size()).isZero();
    }
  }

  @Test
  void open_storedButNotOfThisRepository_isConfirmedByUpstream() {
    cold.pullThrough.fetch(cold.app, cold.digest);
    var without = new MirroredRepository(cold.registry, RepositoryName.parse("team/without"));
    var other = new MirroredRepository(cold.registry, RepositoryName.parse("team/other"));
    cold.server.blob("team/other", cold.content);

    assertThatThrownBy(() -> cold.pullThrough.open(without, cold.digest))
        .isInstanceOf(UpstreamException.NotFound.class);
    assertThat(cold.metadata.linkedBlob(without.local(), cold.digest)).isEmpty();

    cold.pullThrough.open(other, cold.digest).close();
    assertThat(cold.metadata.linkedBlob(other.local(), cold.digest)).isPresent();
    assertThat(cold.server.count("GET", ScriptedUpstream.blobPath("team/other", cold.digest)))
        .isZero();
  }

  @Test
  void open_underWayForAnotherRepository_isConfirmedAndJoined() {
    var gate = new CountDownLatch(1);
    cold.server.next(cold.path, new Step.Hold(1_000, gate));
    var without = new MirroredRepository(cold.registry, RepositoryName.parse("team/without"));
    var other = new MirroredRepository(cold.registry, RepositoryName.parse("team/other"));
    cold.server.blob("team/other", cold.content);
    try (BlobSource first = cold.open()) {
      assertThatThrownBy(() -> cold.pullThrough.open(without, cold.digest))
          .isInstanceOf(UpstreamException.NotFound.class);

      try (BlobSource second = cold.pullThrough.open(other, cold.digest)) {
        gate.countDown();
        assertThat(read(second, 0, SIZE)).isEqualTo(cold.content);
      }
      assertThat(read(first, 0, SIZE)).isEqualTo(cold.content);
    }
    assertThat(cold.server.count("GET", ScriptedUpstream.blobPath("team/other", cold.digest)))
        .isZero();
  }

  @Test
  void stat_linked_isAnsweredFromTheManifest() {
    cold.server.manifest("team/app", "latest", Images.json("fine", cold.digest, SIZE));
    cold.pullThrough.tag(cold.app, Tag.parse("latest"));

    assertThat(cold.pullThrough.stat(cold.app, cold.digest))
        .isEqualTo(new BlobInfo(cold.digest, SIZE));
    assertThat(cold.server.count("HEAD", cold.path)).isZero();
  }

  @Test
  void stat_notLinked_asksAndLinks() {
    var other = new MirroredRepository(cold.registry, RepositoryName.parse("team/other"));
    String there = ScriptedUpstream.blobPath("team/other", cold.digest);
    cold.server.blob("team/other", cold.content);

    assertThat(cold.pullThrough.stat(other, cold.digest))
        .isEqualTo(new BlobInfo(cold.digest, SIZE));
    assertThat(cold.server.count("HEAD", there)).isOne();
    assertThat(cold.server.count("GET", there)).isZero();
    assertThat(cold.pullThrough.stat(other, cold.digest))
        .isEqualTo(new BlobInfo(cold.digest, SIZE));
    assertThat(cold.server.count("HEAD", there)).isOne();
  }

  @Test
  void stat_manifestLiesAboutASizeThatTheStoreKnows_isTheStores() {
    cold.pullThrough.fetch(cold.app, cold.digest);
    cold.metadata.linkBlob(cold.app.local(), RepositoryKind.MIRRORED, new BlobInfo(cold.digest, 7));

    assertThat(cold.pullThrough.stat(cold.app, cold.digest).size()).isEqualTo(SIZE);
  }

  @Test
  void close_whileReadersWait_failsThem() throws Exception {
    cold.server.next(cold.path, new Step.Hold(1_000, new CountDownLatch(1)));
    try (BlobSource source = cold.open()) {
      var body = Concurrently.start(() -> catchThrowable(() -> read(source, 0, SIZE)));
      cold.fetches.close();

      assertThat(body.get(10, TimeUnit.SECONDS)).isInstanceOf(UpstreamException.Unreachable.class);
    }
    assertThat(cold.fetches.size()).isZero();
    assertThatThrownBy(cold::open)
        .isInstanceOf(UpstreamException.Unreachable.class)
        .hasMessageContaining("shutting down");
  }

  @Test
  void close_ofASourceInUse_freesTheThreadThatWaitsInIt() throws Exception {
    var gate = new CountDownLatch(1);
    cold.server.next(cold.path, new Step.Hold(1_000, gate));
    BlobSource source = cold.open();
    var body = Concurrently.start(() -> catchThrowable(() -> read(source, 0, SIZE)));
    source.close();

    assertThat(body.get(10, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
    gate.countDown();
    cold.pullThrough.fetch(cold.app, cold.digest);
  }

  @Test
  void open_moreBlobsThanConnections_queueAndAllArrive() throws Exception {
    var gate = new CountDownLatch(1);
    var contents = IntStream.range(0, 24).mapToObj(i -> Images.random(50_000, i)).toList();
    var digests = contents.stream().map(each -> cold.server.blob("team/app", each)).toList();
    for (Digest each : digests) {
      cold.metadata.linkBlob(cold.app.local(), RepositoryKind.MIRRORED, new BlobInfo(each, 50_000));
      cold.server.next(ScriptedUpstream.blobPath("team/app", each), new Step.Hold(1_000, gate));
    }
    var opener =
        Thread.startVirtualThread(() -> {
          // Six of the eight connections are for downloads.
          Awaitility.await()
              .during(Duration.ofMillis(300))
              .until(() -> cold.server.requests().size() == 6 && cold.fetches.size() == 24);
          gate.countDown();
        });

    List<byte[]> bodies =
        Concurrently.run(
            24,
            i ->
                () -> {
                  try (BlobSource source = cold.pullThrough.open(cold.app, digests.get(i))) {
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
    cold.pullThrough.fetch(cold.app, cold.digest);
    cold.blobs.beforeOpen(() -> {
      cold.blobs.beforeOpen(() -> {});
      cold.blobs.delete(cold.digest);
    });

    try (BlobSource source = cold.open()) {
      assertThat(read(source, 0, SIZE)).isEqualTo(cold.content);
    }
    assertThat(cold.server.count("GET", cold.path)).isEqualTo(2);
  }

  @Test
  void tag_whileDownloadsTakeEveryConnectionOfTheirs_isAnswered() {
    var gate = new CountDownLatch(1);
    cold.server.manifest("team/app", "latest", Images.json("fine"));
    var sources =
        IntStream.range(0, 6)
            .mapToObj(i -> {
              Digest each = cold.server.blob("team/app", Images.random(50_000, i));
              cold.metadata.linkBlob(
                  cold.app.local(), RepositoryKind.MIRRORED, new BlobInfo(each, 50_000));
              cold.server.next(
                  ScriptedUpstream.blobPath("team/app", each), new Step.Hold(1_000, gate));
              BlobSource source = cold.pullThrough.open(cold.app, each);
              prepare(source, new Extent(0, 50_000));
              return source;
            })
            .toList();

    assertThat(cold.pullThrough.tag(cold.app, Tag.parse("latest")).stale()).isEmpty();
    gate.countDown();
    sources.forEach(BlobSource::close);
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
