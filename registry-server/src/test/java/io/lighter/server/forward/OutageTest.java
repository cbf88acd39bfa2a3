package io.lighter.server.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class OutageTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final Outage outage = new Outage(Duration.ofSeconds(10));

  @Test
  void isYoung_withoutFailure_isNot() {
    assertThat(outage.isUnderWay()).isFalse();
    assertThat(outage.isYoung(0)).isFalse();
  }

  @Test
  void isYoung_moreFailures_countFromTheFirst() {
    outage.begin(0);
    outage.begin(9 * SECOND);

    assertThat(outage.isYoung(10 * SECOND - 1)).isTrue();
    assertThat(outage.isYoung(10 * SECOND)).isFalse();
    assertThat(outage.isUnderWay()).isTrue();
  }

  @Test
  void over_nextFailure_beginsAnew() {
    outage.begin(0);
    outage.end();
    outage.begin(60 * SECOND);

    assertThat(outage.isYoung(69 * SECOND)).isTrue();
  }

  @Test
  void isYoung_clockBelowZero_countsAllTheSame() {
    outage.begin(Long.MAX_VALUE - SECOND);

    assertThat(outage.isYoung(Long.MIN_VALUE + SECOND)).isTrue();
    assertThat(outage.isYoung(Long.MIN_VALUE + 10 * SECOND)).isFalse();
  }
}
