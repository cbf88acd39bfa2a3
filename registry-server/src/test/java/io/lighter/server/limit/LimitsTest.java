package io.lighter.server.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LimitsTest {
  private static final Limits.Rate ANY = Limits.Rate.ANY;
  private static final Requester ANN = new Requester("ann", "team");
  private static final Requester BOB = new Requester("bob", "team");

  private final AtomicLong now = new AtomicLong();

  @Test
  void admit_moreThanTheRate_isRefusedUntilItsTime() {
    Limits limits = limits(new Limits.Rate(10, 0), ANY);

    assertThat(admitted(limits, ANN, 100)).as("the burst").isEqualTo(20);
    assertThatThrownBy(() -> limits.admit(ANN))
        .isInstanceOfSatisfying(
            LimitException.ShareUsed.class,
            refusal -> assertThat(refusal.retryAfter()).isEqualTo(Duration.ofMillis(100)));
    assertThat(admitted(limits, BOB, 100)).as("somebody else").isEqualTo(20);

    pass(Duration.ofSeconds(1));
    assertThat(admitted(limits, ANN, 100)).isEqualTo(10);
    pass(Duration.ofHours(1));
    assertThat(admitted(limits, ANN, 100)).as("no more than the burst").isEqualTo(20);
    assertThat(limits.refused()).isEqualTo(1);
  }

  @Test
  void admit_namespaceIsUsedUp_takesNothingFromTheClient() {
    Limits limits = limits(new Limits.Rate(10, 0), new Limits.Rate(2, 0));
    assertThat(admitted(limits, BOB, 100)).isEqualTo(4);

    assertThat(admitted(limits, ANN, 100)).isZero();

    assertThat(admitted(limits, new Requester("ann", ""), 100)).isEqualTo(20);
  }

  @Test
  void pace_ofTwoAnswersToOneClient_isOne() {
    Limits limits = limits(new Limits.Rate(0, 10 << 20), ANY);
    limits.pace(ANN).sent(1 << 20);

    long wait = limits.pace(ANN).sent(10 << 20);

    assertThat(Duration.ofNanos(wait)).isEqualTo(Duration.ofSeconds(1));
    assertThat(limits.pace(BOB).sent(1 << 20)).isZero();
    pass(Duration.ofSeconds(2));
    assertThat(limits.pace(ANN).sent(1 << 20)).isZero();
  }

  @Test
  void replace_noLimits_everythingGoes() {
    Limits limits = limits(new Limits.Rate(1, 1 << 20), ANY);
    assertThat(limits.active()).isTrue();

    limits.replace(ANY, ANY);

    assertThat(limits.active()).isFalse();
    assertThat(admitted(limits, ANN, 1000)).isEqualTo(1000);
    assertThat(limits.pace(ANN).isFree()).isTrue();
  }

  @Test
  void load_shortestWaitBeyondTheTarget_refusesTheLeastFirst() {
    var load = new Load(Duration.ofMillis(100), now::get);
    window(load, Duration.ofMillis(150));

    assertThatThrownBy(() -> load.require(Load.Worth.LEAST))
        .isInstanceOf(LimitException.Overloaded.class)
        .hasMessageContaining("150 ms")
        .hasMessageContaining("limits.queueDelay");
    load.require(Load.Worth.MORE);

    window(load, Duration.ofMillis(500));
    assertThatThrownBy(() -> load.require(Load.Worth.MORE))
        .isInstanceOf(LimitException.Overloaded.class);
    load.require(Load.Worth.MOST);
    assertThat(load.refused()).isEqualTo(2);

    pass(Duration.ofSeconds(5));
    load.require(Load.Worth.LEAST);
  }

  @Test
  void load_oneDidNotWait_isNoOverload() {
    var load = new Load(Duration.ofMillis(100), now::get);
    window(load, Duration.ofMillis(500));
    load.threads().record(0);
    window(load, Duration.ofMillis(500));
    load.threads().record(0);
    pass(Duration.ofMillis(600));
    load.threads().record(Duration.ofMillis(500).toNanos());

    load.require(Load.Worth.LEAST);
    assertThat(load.threads().worst()).isEqualTo(Duration.ofMillis(500));
  }

  private void window(Load load, Duration wait) {
    pass(Duration.ofMillis(600));
    for (int i = 0; i < 10; i++) {
      load.threads().record(wait.toNanos());
    }
    pass(Duration.ofMillis(600));
    load.threads().record(wait.toNanos());
  }

  private static int admitted(Limits limits, Requester requester, int tries) {
    int admitted = 0;
    while (admitted < tries && limits.tryAdmit(requester)) {
      admitted++;
    }
    return admitted;
  }

  private Limits limits(Limits.Rate client, Limits.Rate namespace) {
    return new Limits(client, namespace, now::get);
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }
}
