package io.lighter.storage.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lighter.storage.OpenStores;
import io.lighter.storage.StorageException;
import io.lighter.storage.Together;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetadataWriterTest {
  @TempDir Path directory;
  private RocksDatabase database;
  private MetadataWriter writer;
  private final ExecutorService callers = Executors.newCachedThreadPool();

  @BeforeEach
  void open() {
    database = RocksDatabase.open(directory, OpenStores.MEMORY);
    writer = new MetadataWriter(database);
  }

  @AfterEach
  void close() {
    callers.shutdownNow();
    writer.close();
    database.close();
  }

  @Test
  void apply_readModifyWriteByMany_noUpdateLost() throws Exception {
    Together.<Integer>run(
        50,
        _ ->
            () ->
                writer.apply(changes -> {
                  int next = counter(changes) + 1;
                  changes.put(Family.BLOBS, key("counter"), value(next));
                  return next;
                }));

    assertThat(counter(database)).isEqualTo(50);
  }

  @Test
  void apply_oneOfABatchThrows_onlyThatOneFails() throws Exception {
    List<Future<Integer>> results = new ArrayList<>();
    try (var _ = holdWriter()) {
      for (int number = 0; number < 5; number++) {
        results.add(callers.submit(callerOf(number)));
        awaitQueued(number + 1);
      }
    }

    assertThat(results.get(0).get()).isEqualTo(0);
    assertThat(results.get(1).get()).isEqualTo(1);
    assertThatThrownBy(() -> results.get(2).get())
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("number 2 does not want to");
    // Numbers 3 and 4 saw what 0 and 1 had put into the same batch, and not what 2 had.
    assertThat(results.get(3).get()).isEqualTo(2);
    assertThat(results.get(4).get()).isEqualTo(3);
    assertThat(database.scan(Family.BLOBS, Keys.all()))
        .extracting(entry -> new String(entry.key(), UTF_8))
        .containsExactly("0", "1", "3", "4");
  }

  /** Counts the entries before its own, puts its own, and fails after that if it is number 2. */
  private Callable<Integer> callerOf(int number) {
    return () ->
        writer.apply(changes -> {
          int before = changes.scan(Family.BLOBS, Keys.all()).size();
          changes.put(Family.BLOBS, key("" + number), value(number));
          if (number == 2) {
            changes.delete(Family.BLOBS, key("0"));
            throw new IllegalArgumentException("number 2 does not want to");
          }
          return before;
        });
  }

  @Test
  void apply_error_onlyItsCallerFails() {
    assertThatThrownBy(() ->
            writer.run(_ -> {
              throw new AssertionError("on purpose");
            }))
        .isInstanceOf(AssertionError.class)
        .hasMessage("on purpose");

    writer.run(changes -> changes.put(Family.BLOBS, key("a"), value(1)));
    assertThat(database.get(Family.BLOBS, key("a"))).contains(value(1));
  }

  @Test
  void apply_deleteThenScan_seesNeitherDeletedNorOthersKeys() {
    writer.run(changes -> {
      changes.put(Family.TAGS, key("a1"), value(1));
      changes.put(Family.TAGS, key("b1"), value(2));
    });
    List<String> seen =
        writer.apply(changes -> {
          changes.delete(Family.TAGS, key("a1"));
          changes.put(Family.TAGS, key("a2"), value(3));
          changes.put(Family.TAGS, key("b2"), value(4));
          changes.put(Family.PARENTS, key("a3"), value(5));
          return changes.scan(Family.TAGS, key("a")).stream()
              .map(entry -> new String(entry.key(), UTF_8))
              .toList();
        });

    assertThat(seen).containsExactly("a2");
  }

  @Test
  void apply_interruptedCaller_waitsAndStaysInterrupted() throws Exception {
    var stillInterrupted = new CompletableFuture<Boolean>();
    Thread caller;
    try (var _ = holdWriter()) {
      caller =
          Thread.ofPlatform()
              .start(() -> {
                writer.run(changes -> changes.put(Family.BLOBS, key("a"), value(1)));
                stillInterrupted.complete(Thread.currentThread().isInterrupted());
              });
      awaitQueued(1);
      caller.interrupt();
      assertThat(stillInterrupted).isNotDone();
    }
    assertThat(stillInterrupted.get(10, TimeUnit.SECONDS)).isTrue();
    assertThat(database.get(Family.BLOBS, key("a"))).isPresent();
  }

  @Test
  void close_changesQueued_writesThem() throws Exception {
    List<Future<?>> queued;
    Thread closer;
    try (var _ = holdWriter()) {
      queued =
          IntStream.range(0, 20)
              .<Future<?>>mapToObj(number -> callers.submit(() -> putEntry(number)))
              .toList();
      awaitQueued(20);
      closer = Thread.ofPlatform().start(() -> writer.close());
      await().until(() -> closer.getState() == Thread.State.WAITING);
    }
    for (var result : queued) {
      result.get(10, TimeUnit.SECONDS);
    }
    assertThat(closer.join(Duration.ofSeconds(10))).isTrue();
    assertThat(database.scan(Family.BLOBS, Keys.all())).hasSize(20);
  }

  private void putEntry(int number) {
    writer.run(changes -> changes.put(Family.BLOBS, key("" + number), value(number)));
  }

  @Test
  void close_againstCallers_everyCallerGetsAnAnswer() throws Exception {
    var answers =
        Together.<Boolean>run(
            20,
            number ->
                () -> {
                  if (number == 0) {
                    writer.close();
                    return true;
                  }
                  try {
                    putEntry(number);
                    return database.get(Family.BLOBS, key("" + number)).isPresent();
                  } catch (StorageException.Unavailable _) {
                    return database.get(Family.BLOBS, key("" + number)).isEmpty();
                  }
                });

    assertThat(answers).containsOnly(true);
    assertThatThrownBy(() -> writer.apply(_ -> true))
        .isInstanceOf(StorageException.Unavailable.class)
        .hasMessageContaining("closed");
  }

  @Test
  void apply_moreThanOneBatchFull_allDurable() throws Exception {
    byte[] large = new byte[300_000];
    Together.<Boolean>run(
        12,
        number ->
            () -> {
              writer.run(changes -> changes.put(Family.CONTENT, key("" + number), large));
              return true;
            });
    close();
    open();

    assertThat(database.scan(Family.CONTENT, Keys.all())).hasSize(12);
  }

  /** Keeps the writer busy, so that what is applied meanwhile becomes one batch after it. */
  private Gate holdWriter() throws InterruptedException {
    var begun = new CountDownLatch(1);
    // Unlike a latch, a join waits on when close() interrupts the writer.
    var gate = new CompletableFuture<Boolean>().orTimeout(20, TimeUnit.SECONDS);
    callers.execute(() ->
        writer.apply(_ -> {
          begun.countDown();
          return gate.join();
        }));
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
    return () -> gate.complete(true);
  }

  private void awaitQueued(int count) {
    await().until(() -> writer.queued() == count);
  }

  private static int counter(View view) {
    return view.get(Family.BLOBS, key("counter")).map(value -> (int) value[0]).orElse(0);
  }

  private static byte[] key(String text) {
    return text.getBytes(UTF_8);
  }

  private static byte[] value(int number) {
    return new byte[] {(byte) number};
  }

  @FunctionalInterface
  private interface Gate extends AutoCloseable {
    @Override
    void close();
  }
}
