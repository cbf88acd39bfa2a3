package io.lighter.server.trace;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class CurrentSpanTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  private final Span span = new PassedOn(new TraceContext(TRACE, "00f067aa0ba902b7", "01"));

  @Test
  void carrying_toAnotherThread_isTheSpanThereAndItsTraceInTheLog() {
    var seen = new AtomicReference<Optional<Span>>(Optional.empty());
    var logged = new AtomicReference<String>();

    CurrentSpan.run(
        span,
        () ->
            join(
                Thread.ofVirtual()
                    .start(
                        CurrentSpan.carrying(() -> {
                          seen.set(CurrentSpan.get());
                          logged.set(MDC.get(TraceContext.LOG_KEY));
                        }))));

    assertThat(seen.get()).contains(span);
    assertThat(logged).hasValue(TRACE);
    assertThat(CurrentSpan.get()).isEmpty();
    assertThat(MDC.get(TraceContext.LOG_KEY)).isNull();
  }

  @Test
  void runPart_isAPieceOfWorkOfItsOwn_andLeavesTheOneAroundIt() {
    var part = new AtomicReference<Optional<Span>>(Optional.empty());

    CurrentSpan.run(
        span,
        () -> {
          CurrentSpan.runPart("part", _ -> {}, () -> part.set(CurrentSpan.get()));
          assertThat(CurrentSpan.get()).contains(span);
          assertThat(MDC.get(TraceContext.LOG_KEY)).isEqualTo(TRACE);
        });

    TraceContext context = requireNonNull(part.get()).orElseThrow().context();
    assertThat(context.traceId()).isEqualTo(TRACE);
    assertThat(context.parentId()).isNotEqualTo(span.context().parentId());
  }

  @Test
  void runPart_withoutATrace_isOnlyDone() {
    var done = new AtomicReference<Optional<Span>>();

    CurrentSpan.runPart("part", _ -> {}, () -> done.set(CurrentSpan.get()));

    assertThat(done.get()).isEmpty();
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
