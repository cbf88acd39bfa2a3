package io.lighter.server.upstream;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How many more pulls an upstream allows, as it said last. Docker Hub counts manifests, by address
 * or account, and says {@code RateLimit-Remaining: 76;w=21600} for a window of six hours.
 *
 * <p>Thread-safe.
 */
final class PullAllowance {

  /** So many are kept for what somebody waits for. */
  static final long RESERVE = 20;

  /** After this time it may be more again. */
  static final Duration BELIEVED = Duration.ofMinutes(10);

  private static final Pattern REMAINING = Pattern.compile("([0-9]{1,18})(;.*)?");

  private final Clock clock;
  private volatile @Nullable Said said;

  private record Said(long left, Instant at) {}

  PullAllowance(Clock clock) {
    this.clock = clock;
  }

  /** What an answer says of it; empty if nothing. */
  OptionalLong learn(UpstreamResponse response) {
    Matcher remaining = REMAINING.matcher(response.header("RateLimit-Remaining").orElse(""));
    if (!remaining.matches()) {
      return OptionalLong.empty();
    }
    long left = Long.parseLong(remaining.group(1));
    said = new Said(left, clock.instant());
    return OptionalLong.of(left);
  }

  /** How many it said are left, while that is believed. */
  OptionalLong left() {
    Said last = said;
    return last != null && isBelieved(last) ? OptionalLong.of(last.left()) : OptionalLong.empty();
  }

  /** Whether so few are left that nothing should be pulled that nobody waits for. */
  boolean isShort() {
    Said last = said;
    return last != null && last.left() < RESERVE && isBelieved(last);
  }

  private boolean isBelieved(Said last) {
    return Duration.between(last.at(), clock.instant()).compareTo(BELIEVED) < 0;
  }
}
