package io.lighter.server.upstream;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before trying again: twice as long each time, and never the same for two callers
 * that failed together.
 *
 * @param first the wait before the second try, on average
 */
public record Backoff(Duration first) {

  /**
   * How long to wait.
   *
   * @param failures how many tries have failed, at least 1
   */
  public Duration delay(int failures) {
    long average = first.toMillis() << Math.min(failures - 1, 6);
    return Duration.ofMillis(
        ThreadLocalRandom.current().nextLong(average / 2, average + average / 2 + 1));
  }

  /**
   * Waits that long.
   *
   * @param failures how many tries have failed, at least 1
   * @throws UpstreamException.Unreachable if the thread is interrupted
   */
  public void pause(int failures) {
    try {
      Thread.sleep(delay(failures));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UpstreamException.Unreachable("stopped while waiting to try again", e);
    }
  }
}
