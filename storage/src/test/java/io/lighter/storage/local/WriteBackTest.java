package io.lighter.storage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class WriteBackTest {
  private static final int STEP = (int) WriteBack.STEP;

  /** The system itself waits longer before it writes what nobody asked for. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Optional<PageCache> pageCache = PageCache.detect();

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    var content = new byte[2 * STEP];
    new Random(1).nextBytes(content);
    file = Files.write(directory.resolve("file"), content);
  }

  @Test
  void endsAt_aStepFurther_itIsWrittenWithoutASync() {
    try (var writeBack = new WriteBack(file, 0, pageCache, Runnable::run)) {
      writeBack.endsAt(STEP);

      await().atMost(PATIENCE).untilAsserted(() -> assertThat(changedPages(0, STEP)).isZero());
    }
  }

  @Test
  void endsAt_lessThanAStepFurther_takesNoDescriptor() throws IOException {
    try (var writeBack = new WriteBack(file, 100, pageCache, Runnable::run)) {
      writeBack.endsAt(STEP);
      assertThat(OpenDescriptors.of(file)).isZero();

      writeBack.endsAt(STEP + 100);
      assertThat(OpenDescriptors.of(file)).isOne();
    }
    assertThat(OpenDescriptors.of(file)).isZero();
  }

  @Test
  void endsAt_cutBack_countsFromThere() throws IOException {
    try (var writeBack = new WriteBack(file, STEP, pageCache, Runnable::run)) {
      writeBack.endsAt(100);
      writeBack.endsAt(STEP);
      assertThat(OpenDescriptors.of(file)).isZero();

      writeBack.endsAt(STEP + 100);
      assertThat(OpenDescriptors.of(file)).isOne();
    }
  }

  @Test
  void endsAt_fileIsGone_isLeftToTheSync() throws IOException {
    Files.delete(file);
    try (var writeBack = new WriteBack(file, 0, pageCache, Runnable::run)) {
      writeBack.endsAt(STEP);
      writeBack.endsAt(2 * STEP);
      assertThat(OpenDescriptors.of(file)).isZero();
    }
  }

  @Test
  void worker_runsOneThingAfterTheOther() throws Exception {
    var worker = WriteBack.worker();
    var first = new CountDownLatch(1);
    var order = new LinkedBlockingQueue<String>();
    worker.execute(() -> {
      try {
        order.add(first.await(10, TimeUnit.SECONDS) ? "first" : "nobody let it go on");
      } catch (InterruptedException e) {
        order.add("interrupted");
      }
    });
    worker.execute(() -> order.add("second"));
    first.countDown();

    assertThat(order.poll(10, TimeUnit.SECONDS)).isEqualTo("first");
    assertThat(order.poll(10, TimeUnit.SECONDS)).isEqualTo("second");
  }

  /** Pages of the file that the disk does not have yet, by {@code cachestat}. */
  @SuppressWarnings("restricted") // Native access is granted on the command line.
  private long changedPages(long position, long length) throws Throwable {
    var linker = Linker.nativeLinker();
    var symbols = linker.defaultLookup();
    var number = ValueLayout.JAVA_LONG;
    var integer = ValueLayout.JAVA_INT;
    var open =
        linker.downcallHandle(
            symbols.findOrThrow("open"),
            FunctionDescriptor.of(integer, ValueLayout.ADDRESS, integer),
            Linker.Option.firstVariadicArg(2));
    var close =
        linker.downcallHandle(
            symbols.findOrThrow("close"), FunctionDescriptor.of(integer, integer));
    var cachestat =
        linker.downcallHandle(
            symbols.findOrThrow("syscall"),
            FunctionDescriptor.of(
                number, number, integer, ValueLayout.ADDRESS, ValueLayout.ADDRESS, integer),
            Linker.Option.firstVariadicArg(1));
    try (var arena = Arena.ofConfined()) {
      int descriptor = (int) open.invokeExact(arena.allocateFrom(file.toString()), 0);
      MemorySegment range = arena.allocate(16, 8);
      range.set(number, 0, position);
      range.set(number, 8, length);
      MemorySegment statistics = arena.allocate(40, 8);
      long result = (long) cachestat.invokeExact(451L, descriptor, range, statistics, 0);
      int closed = (int) close.invokeExact(descriptor);
      assertThat(closed).isZero();
      assumeThat(result).as("cachestat, since Linux 6.5").isZero();
      return statistics.get(number, 8);
    }
  }
}
