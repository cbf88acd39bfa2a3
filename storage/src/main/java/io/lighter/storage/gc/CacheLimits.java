package io.lighter.storage.gc;

import java.time.Duration;

/**
 * How much cached content may take.
 *
 * @param capacity most bytes of cached content, blobs that have arrived in part included; 0 for no
 *     cap
 * @param freeBytes bytes of the disk that are to stay free, whoever takes them
 * @param freePercent percentage of the disk that is to stay free; the larger of both counts
 * @param convertedLease how long converted content stays after anybody last read or checked it:
 *     upstream does not have it, so whoever has mounted it can have it from here only
 */
public record CacheLimits(long capacity, long freeBytes, int freePercent, Duration convertedLease) {

  public CacheLimits {
    if (capacity < 0) {
      throw new IllegalArgumentException("the capacity must not be negative, but is " + capacity);
    }
    if (freeBytes < 0) {
      throw new IllegalArgumentException("the free space must not be negative: " + freeBytes);
    }
    if (freePercent < 0 || freePercent > 90) {
      throw new IllegalArgumentException(
          "the free space must be 0 to 90 percent, not " + freePercent);
    }
    if (convertedLease.isNegative()) {
      throw new IllegalArgumentException("the lease must not be negative: " + convertedLease);
    }
  }

  /** Bytes that are to stay free on a disk of this size. */
  public long floor(long total) {
    return Math.max(freeBytes, total / 100 * freePercent);
  }
}
