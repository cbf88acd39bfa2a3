package io.lighter.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ThrottleTest {

  @Test
  void accept_twiceTheRate_takesAtLeastASecond() {
    var throttle = new Throttle(1000);
    long startedAt = System.nanoTime();

    // A second's worth may have been saved up; what exceeds it has to wait.
    throttle.accept(1000);
    throttle.accept(1000);

    assertThat(Duration.ofNanos(System.nanoTime() - startedAt))
        .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
  }

  @Test
  @Timeout(10)
  void accept_unlimited_neverWaits() {
    var throttle = new Throttle(Throttle.UNLIMITED);
    for (int i = 0; i < 1000; i++) {
      throttle.accept(Integer.MAX_VALUE);
    }
  }

  /** Each is due sooner than anybody can wait for, all together take half a second. */
  @Test
  void accept_manyTinyOnes_addUp() {
    var throttle = new Throttle(10_000);
    long startedAt = System.nanoTime();

    for (int i = 0; i < 5_000; i++) {
      throttle.accept(1);
    }

    assertThat(Duration.ofNanos(System.nanoTime() - startedAt))
        .isGreaterThanOrEqualTo(Duration.ofMillis(490));
  }

  @Test
  @Timeout(10)
  void stop_whileWaiting_endsTheWait() {
    var throttle = new Throttle(1);
    Thread.ofVirtual().start(throttle::stop);

    assertThatThrownBy(() -> throttle.accept(1_000_000))
        .isInstanceOf(Throttle.StoppedException.class);
  }
}
