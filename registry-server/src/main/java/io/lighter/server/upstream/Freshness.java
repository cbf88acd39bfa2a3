package io.lighter.server.upstream;

import java.time.Duration;

/**
 * How long what an upstream said is good for.
 *
 * @param tagTtl how long a tag, or a list, is answered without asking upstream again
 * @param negativeTtl how long upstream is not asked again for what it refused or did not have; zero
 *     asks every time
 * @param stale what is answered when upstream was asked and does not confirm
 */
public record Freshness(Duration tagTtl, Duration negativeTtl, StalePolicy stale) {

  public static final Freshness DEFAULT =
      new Freshness(Duration.ofMinutes(1), Duration.ofSeconds(10), StalePolicy.DEFAULT);

  /** The same with another time for tags. */
  public Freshness withTagTtl(Duration time) {
    return new Freshness(time, negativeTtl, stale);
  }
}
