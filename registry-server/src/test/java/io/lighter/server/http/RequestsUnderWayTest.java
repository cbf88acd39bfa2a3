package io.lighter.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Test;

class RequestsUnderWayTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final int ROUNDS = 100_000;

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
    var rounds = new AtomicReferenceArray<RequestsUnderWay>(ROUNDS);
    var ender = Thread.ofPlatform().start(() -> endEachOf(rounds));

    try {
      for (int round = 0; round < ROUNDS; round++) {
        var requests = new RequestsUnderWay();
        requests.began();
        rounds.set(round, requests);
        for (int wait = round % 100; wait > 0; wait--) {
          Thread.onSpinWait();
        }
        assertThat(timeOf(requests, LONG)).as("round %d", round).isLessThan(LONG.dividedBy(2));
      }
    } finally {
      ender.interrupt();
      ender.join();
    }
  }

  /** Ends the request of each round as soon as there is one, until interrupted. */
  private static void endEachOf(AtomicReferenceArray<RequestsUnderWay> rounds) {
    for (int round = 0; round < ROUNDS; round++) {
      while (rounds.get(round) == null) {
        if (Thread.interrupted()) {
          return;
        }
        Thread.onSpinWait();
      }
      rounds.get(round).ended();
    }
  }

  private static Duration timeOf(RequestsUnderWay requests, Duration patience)
      throws InterruptedException {
    long startedAt = System.nanoTime();
    requests.drain(patience);
    return Duration.ofNanos(System.nanoTime() - startedAt);
  }
}
