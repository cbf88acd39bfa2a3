package io.lighter.storage.gc;

import java.util.List;

/**
 * An image that was evicted.
 *
 * @param image what it was
 * @param blobs blobs whose bytes went with it
 * @param part what of it went
 */
public record Evicted(CachedImage image, List<Garbage.Blob> blobs, EvictionIndex.Part part) {

  public Evicted {
    blobs = List.copyOf(blobs);
  }

  /** Bytes that became free. */
  public long bytes() {
    return blobs.stream().mapToLong(Garbage.Blob::bytes).sum();
  }
}
