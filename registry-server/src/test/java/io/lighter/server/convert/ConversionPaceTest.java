package io.lighter.server.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.server.observe.RecentLatency;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Time passes only while conversion pauses. */
class ConversionPaceTest {
  private static final Duration TARGET = Duration.ofMillis(100);

  private final AtomicLong now = new AtomicLong(1);
  private final RecentLatency latency = new RecentLatency(now::get);
  private CoreTime coreTime = CoreTime.UNKNOWN;
  private boolean contested = true;
  private final ConversionPace pace =
      new ConversionPace(
          latency,
          TARGET,
          () -> contested,
          () -> coreTime,
          now::get,
          duration -> now.addAndGet(duration.toNanos()));

  @Test
  void step_withinTheTarget_doesNotWait() throws IOException {
    requests(100);
    pace.step();

    assertThat(pace.isPressed()).isFalse();
    assertThat(pace.heldBack()).isZero();
  }

  @Test
  void step_slowRequests_waitsASecondForEachPiece() throws IOException {
    requests(101);
    assertThat(pace.isPressed()).isTrue();

    pace.step();
    assertThat(pace.heldBack()).isEqualTo(Duration.ofSeconds(1));
    pace.step();
    assertThat(pace.heldBack()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void step_requestsAreQuickAgain_goesOn() throws IOException {
    requests(101);
    var until = Duration.ofMillis(200);
    var eased =
        new ConversionPace(
            latency,
            TARGET,
            () -> contested,
            () -> coreTime,
            now::get,
            duration -> {
              if (now.addAndGet(duration.toNanos()) > until.toNanos()) {
                for (int i = 0; i < 10; i++) {
                  requests(1);
                }
              }
            });
    eased.step();

    assertThat(eased.heldBack()).isEqualTo(until);
  }

  @Test
  void step_slowRequestsLongAgo_goesOn() throws IOException {
    requests(101);
    now.addAndGet(Duration.ofSeconds(6).toNanos());
    pace.step();

    assertThat(pace.heldBack()).isZero();
  }

  @Test
  void step_waitedForACore_leavesMostOfTheTimeToOthers() throws IOException {
    pace.step();
    coreTime = new CoreTime(millis(10), millis(2));
    pace.step();

    assertThat(pace.heldBack()).isEqualTo(Duration.ofMillis(90));
  }

  @Test
  void step_othersAreAlwaysBusy_waitsForAQuarterOfAMinute_andAgainAfterACalm() throws IOException {
    pace.step();
    piecesWithContention(100);
    assertThat(pace.heldBack()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(15));

    Duration heldBack = pace.heldBack();
    now.addAndGet(Duration.ofSeconds(4).toNanos());
    piecesWithContention(1);
    assertThat(pace.heldBack()).as("no calm yet").isEqualTo(heldBack);

    now.addAndGet(Duration.ofSeconds(5).toNanos());
    piecesWithContention(1);
    assertThat(pace.heldBack()).isGreaterThan(heldBack);
  }

  private void piecesWithContention(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      coreTime = new CoreTime(coreTime.ran() + millis(100), coreTime.waited() + millis(100));
      now.addAndGet(millis(200));
      pace.step();
    }
  }

  @Test
  void step_waitedForACoreThatNobodyElseHas_doesNotWait() throws IOException {
    contested = false;
    pace.step();
    coreTime = new CoreTime(millis(10), millis(10));
    pace.step();

    assertThat(pace.heldBack()).isZero();
  }

  @Test
  void step_hardlyWaitedForACore_doesNotWait() throws IOException {
    pace.step();
    coreTime = new CoreTime(millis(10), millis(1));
    pace.step();

    assertThat(pace.heldBack()).isZero();
  }

  @Test
  void step_waitedForACoreLongAgo_doesNotWait() throws IOException {
    pace.step();
    coreTime = new CoreTime(millis(10), millis(10));
    pace.step();
    coreTime = new CoreTime(millis(20), millis(10));
    pace.step();

    assertThat(pace.heldBack()).isEqualTo(Duration.ofMillis(90));
  }

  @Test
  void step_waitedLongForACore_waitsASecondAtMost() throws IOException {
    pace.step();
    coreTime = new CoreTime(millis(10_000), millis(10_000));
    pace.step();

    assertThat(pace.heldBack()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void step_noTarget_neverWaits() throws IOException {
    requests(10_000);
    var careless =
        new ConversionPace(
            latency,
            Duration.ZERO,
            () -> contested,
            () -> coreTime,
            now::get,
            _ -> now.incrementAndGet());
    careless.step();
    coreTime = new CoreTime(millis(10), millis(10));
    careless.step();

    assertThat(careless.heldBack()).isZero();
  }

  @Test
  void step_interrupted_ends() {
    requests(101);
    var stopped =
        new ConversionPace(
            latency,
            TARGET,
            () -> contested,
            () -> coreTime,
            now::get,
            _ -> {
              throw new InterruptedException();
            });

    assertThatThrownBy(stopped::step).isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void read_ofALayer_waitsBeforeEachPiece() throws IOException {
    requests(101);
    try (InputStream layer = new PacedInputStream(new ByteArrayInputStream(new byte[100]), pace)) {
      assertThat(layer.read(new byte[60], 0, 60)).isEqualTo(60);
      assertThat(layer.read(new byte[60], 0, 60)).isEqualTo(40);
    }
    assertThat(pace.heldBack()).isEqualTo(Duration.ofSeconds(2));
  }

  private static long millis(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }

  private void requests(long millis) {
    for (int i = 0; i < 50; i++) {
      latency.record(Duration.ofMillis(millis).toNanos());
    }
  }
}
