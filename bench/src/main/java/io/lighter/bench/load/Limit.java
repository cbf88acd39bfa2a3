package io.lighter.bench.load;

import java.time.Duration;

/**
 * When a run ends: no request begins after that. Those under way are waited for, and counted.
 *
 * @param duration how long requests begin
 * @param count how many requests begin at most
 */
public record Limit(Duration duration, long count) {
  /** Ends after a time. */
  public static Limit of(Duration duration) {
    return new Limit(duration, Long.MAX_VALUE);
  }
}
