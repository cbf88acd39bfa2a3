package io.lighter.server.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.server.upstream.CircuitBreaker.Failure;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
  private final AtomicLong now = new AtomicLong();
  private final CircuitBreaker breaker = new CircuitBreaker("up.example", now::get);

  @Test
  void failed_fewerThanTheLimit_staysClosed() {
    fail(CircuitBreaker.FAILURES - 1);
    breaker.enter();
    breaker.answered();
    fail(CircuitBreaker.FAILURES - 1);

    assertThatCode(breaker::enter).doesNotThrowAnyException();
  }

  @Test
  void failed_inARow_opensForAWhile() {
    fail(CircuitBreaker.FAILURES);

    assertRefused();
    pass(CircuitBreaker.FIRST_REST.minusMillis(1));
    assertRefused();
  }

  @Test
  void failed_silently_opensAtOnce() {
    breaker.enter();
    breaker.failed(Failure.SILENT);

    assertRefused();
  }

  @Test
  void enter_afterTheRest_letsOneThroughWhichDecides() {
    fail(CircuitBreaker.FAILURES);
    pass(CircuitBreaker.FIRST_REST);

    breaker.enter();
    assertRefused();
    breaker.answered();

    assertThat(breaker.isOpen()).isFalse();
    breaker.enter();
    breaker.enter();
  }

  @Test
  void failed_theOneThatDecides_restsTwiceAsLongUpToALimit() {
    fail(CircuitBreaker.FAILURES);
    Duration rest = CircuitBreaker.FIRST_REST;
    for (int i = 0; i < 8; i++) {
      pass(rest);
      breaker.enter();
      breaker.failed(Failure.BROKEN);
      rest = rest.multipliedBy(2);
      if (rest.compareTo(CircuitBreaker.LONGEST_REST) > 0) {
        rest = CircuitBreaker.LONGEST_REST;
      }
      pass(rest.minusMillis(1));
      assertRefused();
      pass(Duration.ofMillis(-rest.toMillis() + 1));
    }
  }

  @Test
  void abandoned_theOneThatDecides_leavesItToTheNext() {
    fail(CircuitBreaker.FAILURES);
    pass(CircuitBreaker.FIRST_REST);
    breaker.enter();
    breaker.abandoned();

    assertThatCode(breaker::enter).doesNotThrowAnyException();
  }

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      breaker.enter();
      breaker.failed(Failure.BROKEN);
    }
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private void assertRefused() {
    assertThatThrownBy(breaker::enter)
        .isInstanceOf(UpstreamException.Unreachable.class)
        .hasMessageContaining("up.example");
  }
}
