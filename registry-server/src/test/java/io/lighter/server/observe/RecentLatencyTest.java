package io.lighter.server.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RecentLatencyTest {
  private long now = Duration.ofDays(1).toNanos();
  private final RecentLatency latency = new RecentLatency(() -> now);

  @Test
  void percentile95_fewRequests_isZero() {
    record(RecentLatency.ENOUGH - 1, 70);
    assertThat(latency.percentile95()).isZero();

    record(1, 70);
    assertThat(latency.percentile95()).isEqualTo(Duration.ofMillis(70));
  }

  @Test
  void percentile95_fewSlowOnes_areNotSeenAndMoreAre() {
    record(96, 1);
    record(4, 500);
    assertThat(latency.percentile95()).isEqualTo(Duration.ofMillis(1));

    record(4, 500);
    assertThat(latency.percentile95()).isEqualTo(Duration.ofMillis(500));
  }

  @Test
  void percentile95_afterTheWindow_isForgotten() {
    record(100, 500);
    now += RecentLatency.WINDOW.toNanos();
    assertThat(latency.percentile95()).isEqualTo(Duration.ofMillis(500));

    now += 1;
    assertThat(latency.percentile95()).isZero();
  }

  @Test
  void percentile95_manyRequests_isOfTheLast() {
    record(1000, 500);
    record(256, 2);
    assertThat(latency.percentile95()).isEqualTo(Duration.ofMillis(2));
  }

  private void record(int times, long millis) {
    for (int i = 0; i < times; i++) {
      latency.record(Duration.ofMillis(millis).toNanos());
    }
  }
}
