package io.lighter.storage.gc;

import java.time.Duration;

/**
 * How long content stays that nothing names.
 *
 * @param grace after it was pushed, linked or asked for in a hosted repository: the time that a
 *     push may take from its first blob to its manifest
 * @param retention after it was read, and after anything that happened to it in a mirrored
 *     repository; not less than the grace
 */
public record KeepTimes(Duration grace, Duration retention) {
  private static final Duration LONGEST = Duration.ofDays(3650);

  public KeepTimes {
    if (grace.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException(
          "the grace must be 1 s or more, not %d ms".formatted(grace.toMillis()));
    }
    if (retention.compareTo(grace) < 0) {
      throw new IllegalArgumentException(
          "the retention must not be less than the grace, %d s, but is %d s"
              .formatted(grace.toSeconds(), retention.toSeconds()));
    }
    if (retention.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "the retention must be %d days or less, not %d"
              .formatted(LONGEST.toDays(), retention.toDays()));
    }
  }

  /**
   * How coarse leases may be written: often enough that one that is renewed all the time is never
   * close to its end, seldom enough that a busy blob costs a handful of writes a day.
   */
  public Duration granularity() {
    Duration fraction = grace.dividedBy(24);
    return fraction.compareTo(Duration.ofHours(1)) < 0 ? fraction : Duration.ofHours(1);
  }
}
