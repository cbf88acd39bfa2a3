package io.lighter.server.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Four cores, looked at once a second. */
class CoreUseTest {
  private final AtomicLong now = new AtomicLong();
  private final AtomicLong conversion = new AtomicLong();
  private final AtomicLong process = new AtomicLong();
  private double load;
  private final CoreUse use = new CoreUse(4, () -> load, conversion::get, process::get, now::get);

  @Test
  void spareCores_othersAreBusy_areNotTakenFrom() {
    assertThat(use.spareCores()).as("nothing is known yet").isZero();

    second(1, 1, 1);
    assertThat(use.spareCores()).as("the one core is the one that converts").isEqualTo(3);

    second(3, 3, 3);
    assertThat(use.spareCores()).as("what helpers use is not taken from them").isEqualTo(3);

    second(1, 1, 3);
    assertThat(use.spareCores()).as("others have two cores").isEqualTo(1);

    second(1, 3, 3);
    assertThat(use.spareCores()).as("requests have two cores").isEqualTo(1);

    second(0, 0, 4);
    assertThat(use.spareCores()).isZero();
  }

  @Test
  void isContested_otherProcessesAreBusy() {
    assertThat(use.isContested()).as("nothing is known yet").isFalse();

    second(1, 4, 4);
    assertThat(use.isContested()).as("all of it is this process").isFalse();

    second(1, 2, 2.2);
    assertThat(use.isContested()).as("hardly anything").isFalse();

    second(1, 2, 3);
    assertThat(use.isContested()).isTrue();
  }

  @Test
  void load_unknown_nothingIsSpareOrContested() {
    second(1, 1, 2);
    assertThat(use.spareCores()).isEqualTo(2);
    assertThat(use.isContested()).isTrue();

    second(1, 1, -4);
    assertThat(use.spareCores()).isZero();
    assertThat(use.isContested()).isFalse();
  }

  /** A second passes in which so many cores were used, by whom they say. */
  private void second(double byConversion, double byProcess, double byAll) {
    now.addAndGet(Duration.ofSeconds(1).toNanos());
    conversion.addAndGet((long) (byConversion * 1e9));
    process.addAndGet((long) (byProcess * 1e9));
    load = byAll / 4;
  }
}
