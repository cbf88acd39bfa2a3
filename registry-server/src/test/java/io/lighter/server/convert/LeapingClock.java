package io.lighter.server.convert;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;

/** A clock on which time passes with every look, so that no delay outlives the next one. */
final class LeapingClock extends Clock {
  private final Duration leap;
  private final AtomicLong millis = new AtomicLong(1_000_000);

  LeapingClock(Duration leap) {
    this.leap = leap;
  }

  @Override
  public long millis() {
    return millis.addAndGet(leap.toMillis());
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(millis());
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
