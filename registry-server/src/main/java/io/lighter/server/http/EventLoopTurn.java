package io.lighter.server.http;

import io.vertx.core.Context;
import io.vertx.core.Handler;
import java.util.concurrent.RejectedExecutionException;

/** What another thread leaves to the event loop of a connection, which may be gone by then. */
final class EventLoopTurn {
  private EventLoopTurn() {}

  /**
   * Has the event loop run a task. Any thread.
   *
   * @return false if the server has stopped meanwhile: the loop took its connections with it, and
   *     nobody waits for the task any more
   */
  static boolean tryRun(Context context, Handler<Void> task) {
    try {
      context.runOnContext(task);
      return true;
    } catch (RejectedExecutionException _) {
      return false;
    }
  }
}
