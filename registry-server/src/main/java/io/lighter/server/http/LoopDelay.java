package io.lighter.server.http;

import io.lighter.server.limit.QueueDelay;
import io.vertx.core.Vertx;
import java.time.Duration;

/**
 * Looks ten times a second how late an event loop comes to what it should have done by then. Each
 * look is asked for when the one before is over: a timer that repeats would make up for the looks
 * that a late loop missed, and those would all be on time.
 */
final class LoopDelay {
  private static final Duration LOOK = Duration.ofMillis(100);

  private final Vertx vertx;
  private final QueueDelay delays;

  private LoopDelay(Vertx vertx, QueueDelay delays) {
    this.vertx = vertx;
    this.delays = delays;
  }

  /** Begins to look at the event loop that this is called on, until its verticle is undeployed. */
  static void watch(Vertx vertx, QueueDelay delays) {
    new LoopDelay(vertx, delays).lookLater();
  }

  private void lookLater() {
    long dueAt = System.nanoTime() + LOOK.toNanos();
    vertx.setTimer(
        LOOK.toMillis(),
        _ -> {
          delays.record(Math.max(0, System.nanoTime() - dueAt));
          lookLater();
        });
  }
}
