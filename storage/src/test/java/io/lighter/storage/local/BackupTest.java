package io.lighter.storage.local;

import static io.lighter.storage.Fixtures.bytes;
import static io.lighter.storage.Fixtures.commit;
import static io.lighter.storage.Fixtures.image;
import static io.lighter.storage.Fixtures.put;
import static io.lighter.storage.Fixtures.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.BackupReport;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.OpenStores;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupTest {
  private static final RepositoryName REPOSITORY = new RepositoryName("backed/up");
  private static final String SMALL_DISK = "lighter.test.smallDisk";

  @TempDir Path folder;
  private Path target;
  private OpenStores stores;
  private Backup backup;

  @BeforeEach
  void open() {
    Path root = folder.resolve("store");
    target = folder.resolve("backups/monday");
    stores = new OpenStores(root);
    backup =
        new Backup(
            new BlobLayout(root), stores.blobs(), stores.rocks().checkpoint(), Clock.systemUTC());
  }

  @AfterEach
  void close() {
    stores.close();
  }

  @Test
  void metadata_ofTheStoreDamagedInPlace_ofTheBackupIsNot() throws IOException {
    store(1);
    backup.write(target);
    Path restored = folder.resolve("restored");
    Restore.restore(target, restored);

    for (Path store : List.of(folder.resolve("store"), restored)) {
      for (Path file : FileCopies.below(store.resolve("metadata"))) {
        Files.write(file, new byte[(int) Files.size(file)]);
      }
    }

    Path again = folder.resolve("again");
    Restore.restore(target, again);
    try (var copy = new OpenStores(again)) {
      assertStored(copy, 1);
    }
  }

  @Test
  void restore_ofABackup_hasEverything() {
    store(1);
    store(2);

    BackupReport report = backup.write(target);

    assertThat(report.blobs()).isEqualTo(2);
    assertThat(report.bytes()).isEqualTo(content(1).length + content(2).length);
    assertThat(report.missing()).isZero();
    Path restored = folder.resolve("restored");
    assertThat(Restore.restore(target, restored)).isEqualTo(report);
    try (var copy = new OpenStores(restored)) {
      assertStored(copy, 1);
      assertStored(copy, 2);
    }
  }

  @Test
  void write_sameFileSystem_blobsAreLinked() throws IOException {
    store(1);

    backup.write(target);

    assertThat(links(folder.resolve("store"), 1)).isEqualTo(2);
  }

  /** {@code .ci/run} has a small disk mounted; elsewhere there mostly is memory with files. */
  @Test
  void write_otherFileSystem_blobsAreCopied() throws IOException {
    Optional<Path> elsewhere = otherFileSystem();
    assumeThat(elsewhere).as("a directory on another file system").isPresent();
    store(1);
    store(2);
    Path away = Files.createTempDirectory(elsewhere.orElseThrow(), "backup-test");
    try {
      BackupReport report = backup.write(away.resolve("monday"));

      assertThat(report.blobs()).isEqualTo(2);
      assertThat(report.missing()).isZero();
      assertThat(links(folder.resolve("store"), 1)).isEqualTo(1);
      assertThat(links(away.resolve("monday"), 1)).isEqualTo(1);
      // And back again, so both ways.
      Path restored = folder.resolve("restored");
      assertThat(Restore.restore(away.resolve("monday"), restored)).isEqualTo(report);
      try (var copy = new OpenStores(restored)) {
        assertStored(copy, 1);
        assertStored(copy, 2);
      }
    } finally {
      deleteAll(away);
    }
  }

  private Optional<Path> otherFileSystem() {
    return Stream.of("/dev/shm", System.getProperty(SMALL_DISK, ""))
        .filter(name -> !name.isEmpty())
        .map(Path::of)
        .filter(Files::isWritable)
        .filter(directory -> !fileStore(directory).equals(fileStore(folder)))
        .findFirst();
  }

  private static FileStore fileStore(Path directory) {
    try {
      return Files.getFileStore(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void deleteAll(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** How many names the file of a blob has. */
  private static int links(Path root, int number) throws IOException {
    return (int)
        Files.getAttribute(
            new BlobLayout(root).blob(Digest.ofSha256(content(number))), "unix:nlink");
  }

  /** What many do meanwhile is in it or not, but never half. */
  @Test
  void write_amidPushesAndDeletions_hasWhatWasAcknowledgedAndNothingDangles() throws Exception {
    var acknowledged = new ConcurrentSkipListSet<Integer>();
    var next = new AtomicInteger();
    var over = new AtomicBoolean();
    var busy = new CountDownLatch(200);
    List<Thread> clients =
        Stream.<Runnable>generate(() ->
                () -> {
                  while (!over.get()) {
                    int number = next.getAndIncrement();
                    store(number);
                    if (number % 3 == 0) {
                      delete(number);
                    } else {
                      acknowledged.add(number);
                    }
                    busy.countDown();
                  }
                })
            .limit(4)
            .map(client -> Thread.ofPlatform().start(client))
            .toList();
    busy.await();

    var before = List.copyOf(acknowledged);
    backup.write(target);

    over.set(true);
    for (Thread client : clients) {
      client.join();
    }
    Path restored = folder.resolve("restored");
    Restore.restore(target, restored);
    try (var copy = new OpenStores(restored)) {
      assertThat(before).hasSizeGreaterThan(100).allSatisfy(number -> assertStored(copy, number));
      assertThat(copy.rocks().verification().dangling(REPOSITORY)).isEmpty();
      List<BlobInfo> blobs = copy.rocks().verification().blobs("", 1_000_000);
      assertThat(blobs)
          .hasSizeGreaterThanOrEqualTo(before.size())
          .allSatisfy(blob -> assertThat(copy.blobs().defect(blob, _ -> {})).isEmpty());
    }
  }

  @Test
  void restore_changesOfTheCopy_leaveTheBackupAlone() {
    store(1);
    backup.write(target);
    Path restored = folder.resolve("restored");
    Restore.restore(target, restored);
    try (var copy = new OpenStores(restored)) {
      for (int number = 2; number < 300; number++) {
        copy.rocks().metadata().putManifest(put(REPOSITORY, image(number), "v" + number));
      }
      copy.blobs().delete(Digest.ofSha256(content(1)));
    }

    Path again = folder.resolve("again");
    Restore.restore(target, again);
    try (var copy = new OpenStores(again)) {
      assertStored(copy, 1);
      assertThat(copy.rocks().metadata().tags(REPOSITORY, "", 10)).containsExactly(new Tag("v1"));
    }
  }

  @Test
  void write_somethingIsThere_refused() throws IOException {
    Files.createDirectories(target);
    assertThatThrownBy(() -> backup.write(target))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(target + " exists");

    Path interrupted = folder.resolve("tuesday.partial");
    Files.createDirectories(interrupted);
    assertThatThrownBy(() -> backup.write(folder.resolve("tuesday")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(interrupted + " exists");

    Path inside = folder.resolve("store/backup");
    assertThatThrownBy(() -> backup.write(inside))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("in the data directory");
  }

  @Test
  void write_blobFileIsLost_saysSoAndGoesOn() throws IOException {
    store(1);
    store(2);
    Files.delete(new BlobLayout(folder.resolve("store")).blob(Digest.ofSha256(content(1))));

    assertThat(backup.write(target).missing()).isEqualTo(1);

    Path restored = folder.resolve("restored");
    Restore.restore(target, restored);
    try (var copy = new OpenStores(restored)) {
      assertStored(copy, 2);
    }
  }

  @Test
  void restore_ofAnInterruptedBackup_refused() throws IOException {
    store(1);
    backup.write(target);
    Files.delete(target.resolve("backup.json"));

    assertThatThrownBy(() -> Restore.restore(target, folder.resolve("restored")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no complete backup");
    assertThat(folder.resolve("restored")).doesNotExist();
  }

  @Test
  void restore_intoANonEmptyDirectory_refused() throws IOException {
    store(1);
    backup.write(target);
    Path taken = Files.createDirectories(folder.resolve("taken"));
    Files.writeString(taken.resolve("letter"), "mine");

    assertThatThrownBy(() -> Restore.restore(target, taken))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not empty");
  }

  @Test
  void restore_blobWasTakenOutOfTheBackup_refusedAndNotServed() throws IOException {
    store(1);
    backup.write(target);
    Files.delete(new BlobLayout(target).blob(Digest.ofSha256(content(1))));
    Path restored = folder.resolve("restored");

    assertThatThrownBy(() -> Restore.restore(target, restored))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has 0 blobs; it was made with 1");
    assertThatThrownBy(() -> new OpenStores(restored))
        .isInstanceOf(StorageException.Unavailable.class);
  }

  @Test
  void open_theBackupItself_refused() {
    store(1);
    backup.write(target);

    assertThatThrownBy(() -> new OpenStores(target))
        .isInstanceOf(StorageException.Unavailable.class);
  }

  private void store(int number) {
    BlobInfo blob = commit(stores.blobs(), content(number));
    stores.rocks().metadata().linkBlob(REPOSITORY, RepositoryKind.HOSTED, blob);
    stores.rocks().metadata().putManifest(put(REPOSITORY, image(number), "v" + number));
  }

  private void delete(int number) {
    Digest blob = Digest.ofSha256(content(number));
    stores.rocks().metadata().deleteManifest(REPOSITORY, image(number).digest());
    stores.rocks().metadata().unlinkBlob(REPOSITORY, blob);
    stores.blobs().delete(blob);
  }

  private static void assertStored(OpenStores stores, int number) {
    Digest digest = Digest.ofSha256(content(number));
    try (var source = stores.blobs().open(digest)) {
      assertThat(readAll(source)).isEqualTo(content(number));
    }
    var metadata = stores.rocks().metadata();
    assertThat(metadata.linkedBlob(REPOSITORY, digest)).isPresent();
    assertThat(metadata.tag(REPOSITORY, new Tag("v" + number)).orElseThrow().digest())
        .isEqualTo(image(number).digest());
    assertThat(metadata.manifest(REPOSITORY, image(number).digest())).contains(image(number));
  }

  private static byte[] content(int number) {
    return bytes(number, 1000 + number % 50);
  }
}
