package io.lighter.storage.gc;

import java.util.List;

/**
 * An image that was evicted.
 *
 * @param image what it was
 * @param blobs blobs whose bytes went with it
 * @param convertedStays whether its converted content is in use and stays readable
 */
public record Evicted(CachedImage image, List<Garbage.Blob> blobs, boolean convertedStays) {

  public Evicted {
    blobs = List.copyOf(blobs);
  }

  /** Bytes that became free. */
  public long bytes() {
    return blobs.stream().mapToLong(Garbage.Blob::bytes).sum();
  }
}
