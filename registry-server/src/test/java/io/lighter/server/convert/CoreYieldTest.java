package io.lighter.server.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One thread, whose pauses are added to the time that passes. */
class CoreYieldTest {
  private final AtomicLong now = new AtomicLong(1);
  private CoreTime coreTime = CoreTime.UNKNOWN;
  private boolean contested = true;
  private final CoreYield core = new CoreYield(() -> contested, () -> coreTime, now::get);

  @BeforeEach
  void begin() {
    assertThat(core.pause()).as("nothing was done yet").isZero();
  }

  @Test
  void pause_waitedForACore_leavesMostOfTheTimeToOthers() {
    assertThat(pauseAfter(10, 2)).isEqualTo(Duration.ofMillis(90));
  }

  @Test
  void pause_waitedForACoreThatNobodyElseHas_isNone() {
    contested = false;
    assertThat(pauseAfter(10, 10)).isZero();
  }

  @Test
  void pause_hardlyWaitedForACore_isNone() {
    assertThat(pauseAfter(10, 1)).isZero();
  }

  @Test
  void pause_waitedForACoreForThePieceBefore_isNone() {
    assertThat(pauseAfter(10, 10)).isEqualTo(Duration.ofMillis(90));
    assertThat(pauseAfter(10, 0)).isZero();
  }

  @Test
  void pause_waitedLongForACore_isASecond() {
    assertThat(pauseAfter(10_000, 10_000)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void pause_othersAreAlwaysBusy_endsAfterAQuarterOfAMinute_andComesAgainAfterACalm() {
    long begin = now.get();
    while (!pauseAfter(100, 100).isZero()) {
      assertThat(now.get() - begin).isLessThan(Duration.ofSeconds(20).toNanos());
    }
    assertThat(now.get() - begin).isGreaterThanOrEqualTo(Duration.ofSeconds(15).toNanos());

    now.addAndGet(Duration.ofSeconds(4).toNanos());
    assertThat(pauseAfter(100, 100)).as("no calm yet").isZero();

    now.addAndGet(Duration.ofSeconds(5).toNanos());
    assertThat(pauseAfter(100, 100)).isEqualTo(Duration.ofMillis(900));
  }

  /** The pause for a piece for which the thread ran and waited for so many milliseconds. */
  private Duration pauseAfter(long ran, long waited) {
    long ranNanos = Duration.ofMillis(ran).toNanos();
    long waitedNanos = Duration.ofMillis(waited).toNanos();
    coreTime = new CoreTime(coreTime.ran() + ranNanos, coreTime.waited() + waitedNanos);
    now.addAndGet(ranNanos + waitedNanos);
    Duration pause = core.pause();
    now.addAndGet(pause.toNanos());
    return pause;
  }
}
