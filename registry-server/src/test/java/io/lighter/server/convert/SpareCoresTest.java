package io.lighter.server.convert;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class SpareCoresTest {
  private final AtomicInteger spare = new AtomicInteger();

  @Test
  void execute_noCoreToSpare_runsInTheCaller() {
    try (var cores = new SpareCores(new BackgroundThreads("help-"), spare::get)) {
      assertThat(whoRuns(cores)).isSameAs(Thread.currentThread());
    }
  }

  @Test
  void execute_oneCoreToSpare_runsOneElsewhereAndTheNextInTheCaller() throws Exception {
    spare.set(1);
    var begun = new CountDownLatch(1);
    var end = new CountDownLatch(1);
    try (var cores = new SpareCores(new BackgroundThreads("help-"), spare::get)) {
      cores.execute(() -> {
        begun.countDown();
        await(end);
      });
      assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(whoRuns(cores)).isSameAs(Thread.currentThread());
      end.countDown();
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void thread_inTheBackground_hasTheLowestPriority() throws Exception {
    var stat = new CompletableFuture<String>();
    new BackgroundThreads("nice-")
        .newThread(() -> {
          try {
            stat.complete(Files.readString(Path.of("/proc/thread-self/stat")));
          } catch (IOException e) {
            stat.completeExceptionally(e);
          }
        })
        .start();
    String fields = stat.get(30, TimeUnit.SECONDS);

    // proc(5): field 19, counted behind the name, which ends with a parenthesis.
    assertThat(fields.substring(fields.lastIndexOf(')') + 2).split(" ", -1)[16]).isEqualTo("19");
    String mine = Files.readString(Path.of("/proc/thread-self/stat"));
    assertThat(mine.substring(mine.lastIndexOf(')') + 2).split(" ", -1)[16])
        .as("other threads keep theirs")
        .isNotEqualTo("19");
  }

  @Test
  void cpuTime_ofThreadsThatRunAndThatHaveEnded_isCounted() throws Exception {
    var threads = new BackgroundThreads("busy-");
    var worked = new CountDownLatch(1);
    var end = new CountDownLatch(1);
    Thread thread =
        threads.newThread(() -> {
          work(Duration.ofMillis(50));
          worked.countDown();
          await(end);
        });
    thread.start();
    assertThat(worked.await(30, TimeUnit.SECONDS)).isTrue();
    long running = threads.cpuNanos();
    assertThat(running).isGreaterThanOrEqualTo(Duration.ofMillis(50).toNanos());

    end.countDown();
    thread.join();
    assertThat(threads.cpuNanos()).isGreaterThanOrEqualTo(running);
  }

  private static void work(Duration cpuTime) {
    var mine = ManagementFactory.getThreadMXBean();
    while (mine.getCurrentThreadCpuTime() < cpuTime.toNanos()) {
      Thread.onSpinWait();
    }
  }

  private static Thread whoRuns(SpareCores cores) {
    var who = new AtomicReference<Thread>();
    cores.execute(() -> who.set(Thread.currentThread()));
    return requireNonNull(who.get());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
