package io.lighter.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lighter.server.limit.LimitException;
import io.lighter.server.limit.Load;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoopDelayTest {
  private static final Duration TARGET = Duration.ofMillis(500);
  private static final Duration WORK = Duration.ofMillis(700);

  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private final Load load = new Load(TARGET, System::nanoTime);
  private final AtomicBoolean busy = new AtomicBoolean(true);

  @BeforeEach
  void watch() {
    loop.runOnContext(_ -> LoopDelay.watch(vertx, load.loops()));
  }

  @AfterEach
  void close() {
    busy.set(false);
    vertx.close().await();
  }

  @Test
  void watch_oneLoopThatIsAlwaysLate_isOverloadUntilItIsNot() {
    loop.runOnContext(_ -> work());
    await().until(() -> load.loops().delay().compareTo(TARGET) > 0);
    assertThatThrownBy(() -> load.require(Load.Worth.LEAST))
        .isInstanceOf(LimitException.Overloaded.class);

    busy.set(false);
    await().until(() -> load.loops().delay().compareTo(TARGET) < 0);
    load.require(Load.Worth.LEAST);
  }

  @Test
  void watch_onePause_isNoOverload() {
    loop.runOnContext(_ -> LockSupport.parkNanos(WORK.toNanos()));
    await().until(() -> load.loops().worst().compareTo(TARGET) > 0);

    assertThat(load.loops().delay()).isLessThan(TARGET);
    load.require(Load.Worth.LEAST);
  }

  /** Comes back at once, behind what else is due: a task would come before all timers. */
  private void work() {
    LockSupport.parkNanos(WORK.toNanos());
    if (busy.get()) {
      vertx.setTimer(1, _ -> work());
    }
  }
}
