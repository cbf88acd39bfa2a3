package io.lighter.server.pinned;

import io.lighter.conversion.LazyBounds;
import io.lighter.storage.Extent;

/**
 * What each node reads of a lazy layer before anything else: the first chunk, the files in front of
 * the landmark, and the TOC with the footer. Clients fetch by chunks of {@link #CHUNK} bytes, so
 * the borders are theirs.
 *
 * @param front from the first byte on
 * @param toc to the last byte
 */
record LazyRegions(Extent front, Extent toc) {
  /** Chunks in which stargz-snapshotter fetches, in bytes. */
  static final long CHUNK = 50_000;

  /** The regions of a blob of this size. */
  static LazyRegions of(LazyBounds layer, long size) {
    long front = Math.max(1, Math.min(layer.landmark().orElse(1), layer.tocOffset()));
    long chunks = (front + CHUNK - 1) / CHUNK;
    return new LazyRegions(
        new Extent(0, Math.min(chunks * CHUNK, size)),
        new Extent(layer.tocOffset() / CHUNK * CHUNK, size));
  }
}
