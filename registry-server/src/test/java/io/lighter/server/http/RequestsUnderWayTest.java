package io.lighter.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class RequestsUnderWayTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  @Test
  void drain_nothingUnderWay_returnsAtOnce() throws Exception {
    assertThat(timeOf(new RequestsUnderWay(), LONG)).isLessThan(LONG.dividedBy(2));
  }

  @Test
  void drain_oneNeverEnds_givesUpAfterPatience() throws Exception {
    var requests = new RequestsUnderWay();
    requests.began();
    requests.began();
    requests.ended();

    assertThat(timeOf(requests, Duration.ofMillis(200)))
        .isBetween(Duration.ofMillis(190), LONG.dividedBy(2));
    assertThat(requests.draining()).isTrue();
  }

  /** A wake-up that is lost costs the whole patience. */
  @Test
  void drain_lastOneEndsAtTheSameMoment_noWakeUpIsLost() throws Exception {
    try (var ender =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().name("ender").factory())) {
      for (int round = 0; round < 2_000; round++) {
        var requests = new RequestsUnderWay();
        var together = new CyclicBarrier(2);
        requests.began();
        var ended =
            CompletableFuture.runAsync(
                () -> {
                  await(together);
                  requests.ended();
                },
                ender);
        await(together);

        assertThat(timeOf(requests, LONG)).as("round %d", round).isLessThan(LONG.dividedBy(2));
        ended.join();
      }
    }
  }

  private static Duration timeOf(RequestsUnderWay requests, Duration patience)
      throws InterruptedException {
    long startedAt = System.nanoTime();
    requests.drain(patience);
    return Duration.ofNanos(System.nanoTime() - startedAt);
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
