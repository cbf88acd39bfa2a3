package io.lighter.storage.gc;

import java.util.Optional;

/**
 * What an eviction did, or would do.
 *
 * @param reason why there was one; empty if there was no need
 * @param wanted bytes that were to become free
 * @param bytes of blobs that were removed, beside those that had arrived in part
 * @param images images that were evicted
 * @param blobs blobs whose bytes went
 * @param partials blobs that had arrived in part and were removed
 */
public record EvictionTotals(
    Optional<Reason> reason, long wanted, long bytes, long images, long blobs, long partials) {
  static final EvictionTotals NONE = new EvictionTotals(Optional.empty(), 0, 0, 0, 0, 0);

  /** Why content is evicted. */
  public enum Reason {
    /** Cached content comes close to its capacity. */
    CAPACITY,
    /** The disk has less free space than is to stay free. */
    FREE_SPACE,
    /** An operator wants it. */
    DROPPED
  }

  /** Whether as much became free as was wanted. */
  public boolean enough() {
    return bytes >= wanted;
  }

  EvictionTotals plus(Evicted evicted) {
    return new EvictionTotals(
        reason,
        wanted,
        bytes + evicted.bytes(),
        images + 1,
        blobs + evicted.blobs().size(),
        partials);
  }

  EvictionTotals plus(Garbage.Blob blob) {
    return new EvictionTotals(reason, wanted, bytes + blob.bytes(), images, blobs + 1, partials);
  }

  EvictionTotals plus(CachedImage image) {
    return new EvictionTotals(reason, wanted, bytes + image.bytes(), images + 1, blobs, partials);
  }
}
