package io.lighter.storage.gc;

import java.util.Optional;

/**
 * How far cached content is from its limits.
 *
 * @param cached bytes of cached content, with blobs that have arrived in part
 * @param free bytes that can still be written
 * @param reason why something has to go; empty if nothing has to
 * @param excess bytes that have to go
 */
public record Pressure(
    long cached, long free, Optional<EvictionTotals.Reason> reason, long excess) {

  /** Eviction begins here, below the capacity, because it takes its time. */
  private static final int BEGIN_PERCENT = 95;

  /** Eviction ends here, so that it does not begin again at once. */
  private static final int END_PERCENT = 90;

  /**
   * The pressure now.
   *
   * @param room bytes that are wanted of the disk beyond what is to stay free
   */
  static Pressure of(CacheLimits limits, StoreUse use, CacheSpace space, long room) {
    long cached = use.cached() + space.partialBytes();
    long free = space.free();
    long floor = limits.floor(space.total());
    long overCapacity =
        limits.capacity() > 0 && cached > percent(limits.capacity(), BEGIN_PERCENT)
            ? cached - percent(limits.capacity(), END_PERCENT)
            : 0;
    long missing = floor + room - free;
    long belowFloor = missing > 0 ? missing + percent(floor, 100 - END_PERCENT) : 0;
    if (overCapacity == 0 && belowFloor == 0) {
      return new Pressure(cached, free, Optional.empty(), 0);
    }
    return overCapacity >= belowFloor
        ? new Pressure(cached, free, Optional.of(EvictionTotals.Reason.CAPACITY), overCapacity)
        : new Pressure(cached, free, Optional.of(EvictionTotals.Reason.FREE_SPACE), belowFloor);
  }

  private static long percent(long bytes, int percent) {
    return (long) (bytes / 100.0 * percent);
  }
}
