package io.lighter.server.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Slows down who guesses passwords: after five wrong ones for a user from an address, the next is
 * looked at after a second, then two, four, at most a minute. By both, so that nobody can lock
 * somebody else out from elsewhere. Thread-safe.
 */
final class FailedLogins {
  private static final int FREE = 5;
  private static final Duration LONGEST = Duration.ofMinutes(1);
  private static final int MAX_REMEMBERED = 10_000;

  private final Clock clock;
  private final Cache<Attempt, Failures> failures =
      Caffeine.newBuilder()
          .maximumSize(MAX_REMEMBERED)
          .expireAfterWrite(Duration.ofMinutes(10))
          .build();

  FailedLogins(Clock clock) {
    this.clock = clock;
  }

  /** How long to wait before the next attempt; zero for not at all. */
  Duration wait(String user, String address) {
    Failures known = failures.getIfPresent(new Attempt(user, address));
    if (known == null) {
      return Duration.ZERO;
    }
    Duration left = Duration.between(clock.instant(), known.until());
    return left.isNegative() ? Duration.ZERO : left;
  }

  void failed(String user, String address) {
    failures
        .asMap()
        .merge(
            new Attempt(user, address),
            new Failures(1, clock.instant()),
            (before, _) -> before.andOne(clock.instant()));
  }

  void succeeded(String user, String address) {
    failures.invalidate(new Attempt(user, address));
  }

  private record Attempt(String user, String address) {}

  private record Failures(int count, Instant until) {
    Failures andOne(Instant now) {
      int more = count + 1;
      if (more < FREE) {
        return new Failures(more, now);
      }
      Duration wait = Duration.ofSeconds(1L << Math.min(more - FREE, 10));
      return new Failures(more, now.plus(wait.compareTo(LONGEST) > 0 ? LONGEST : wait));
    }
  }
}
