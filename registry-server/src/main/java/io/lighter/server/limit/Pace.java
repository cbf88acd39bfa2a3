package io.lighter.server.limit;

import java.util.List;

/**
 * How fast bytes may go to one client out of one namespace. Shared by all that go there.
 * Thread-safe; never blocks.
 */
public final class Pace {
  /** As fast as they can. */
  public static final Pace FREE = new Pace(List.of());

  private final List<Meter> meters;

  Pace(List<Meter> meters) {
    this.meters = meters;
  }

  /** Whether nothing holds bytes back. */
  public boolean isFree() {
    return meters.isEmpty();
  }

  /**
   * So many bytes go now.
   *
   * @return how many nanoseconds to wait before the next ones
   */
  public long sent(long bytes) {
    long wait = 0;
    for (Meter meter : meters) {
      wait = Math.max(wait, meter.take(bytes));
    }
    return wait;
  }
}
