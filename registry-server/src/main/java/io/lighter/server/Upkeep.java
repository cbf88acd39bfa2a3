package io.lighter.server;

import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done each minute, on a thread of its own. */
final class Upkeep implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

  private final ScheduledExecutorService rounds =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("maintenance").daemon().factory());

  /**
   * Something to do.
   *
   * @param name as it stands behind "cannot"
   */
  record Task(String name, Runnable action) {}

  /** Begins a minute from now. */
  Upkeep(List<Task> tasks) {
    var _ = rounds.scheduleWithFixedDelay(() -> tasks.forEach(Upkeep::run), 1, 1, TimeUnit.MINUTES);
  }

  /** One failure ends neither the others of its round nor the rounds to come. */
  private static void run(Task task) {
    try {
      task.action().run();
    } catch (RuntimeException e) {
      LOG.error("cannot {}; it is tried again in a minute", task.name(), e);
    }
  }

  /** Ends the rounds; one that is under way goes on to its end. */
  @Override
  public void close() {
    rounds.shutdown();
  }
}
