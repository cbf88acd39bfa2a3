package io.lighter.server.verify;

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
    var throttle = new Throttle(Verification.UNLIMITED);
    for (int i = 0; i < 1000; i++) {
      throttle.accept(Integer.MAX_VALUE);
    }
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
