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
  private Duration leftToOthers = Duration.ZERO;
  private final ConversionPace pace =
      new ConversionPace(
          latency, TARGET, () -> leftToOthers, duration -> now.addAndGet(duration.toNanos()));

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
            () -> leftToOthers,
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
  void step_othersWantTheCore_leavesItToThem() throws IOException {
    leftToOthers = Duration.ofMillis(90);
    pace.step();

    assertThat(pace.heldBack()).isEqualTo(leftToOthers);
  }

  @Test
  void step_noTarget_neverWaits() throws IOException {
    requests(10_000);
    leftToOthers = Duration.ofMillis(90);
    var careless =
        new ConversionPace(latency, Duration.ZERO, () -> leftToOthers, _ -> now.incrementAndGet());
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
            () -> leftToOthers,
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

  private void requests(long millis) {
    for (int i = 0; i < 50; i++) {
      latency.record(Duration.ofMillis(millis).toNanos());
    }
  }
}
