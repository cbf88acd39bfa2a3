package io.lighter.server.pinned;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many nodes have asked for the same window of a blob lately. Nodes are told apart by a hash of
 * 64 values: two of them may count as one, never one as two. Thread-safe, never blocks.
 */
final class Popularity {
  /** So many nodes make a window popular: a single client that reads it again does not. */
  static final int NODES = 3;

  /** Clients read ahead by 2 MiB at most, in chunks of their own. */
  static final long LONGEST = 4 << 20;

  private static final int MAX_WINDOWS = 50_000;

  private final Cache<PinCache.Key, AtomicLong> readers =
      Caffeine.newBuilder()
          .maximumSize(MAX_WINDOWS)
          .expireAfterWrite(Duration.ofMinutes(10))
          .build();

  /**
   * Counts a reader.
   *
   * @param length of the window in bytes
   * @return whether enough others have asked for it
   */
  boolean isPopular(PinCache.Key window, long length, Object reader) {
    if (length > LONGEST) {
      return false;
    }
    AtomicLong seen = readers.get(window, _ -> new AtomicLong());
    int hash = reader.hashCode();
    long bit = 1L << ((hash ^ (hash >>> 6) ^ (hash >>> 16)) & 63);
    long all = seen.get();
    if ((all & bit) == 0) {
      all = seen.accumulateAndGet(bit, (mask, one) -> mask | one);
    }
    return Long.bitCount(all) >= NODES;
  }
}
