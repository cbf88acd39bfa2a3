package io.lighter.storage.gc;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The metadata as eviction sees it. Whole images go, never single blobs of them: a manifest that is
 * answered without upstream has its layers here as well, as far as they ever were. Only mirrored
 * repositories are looked at.
 *
 * <p>Tags and leases do not keep an image of an upstream, because it can be had again; they say how
 * useful it is. What cannot be had again is converted content, and its leases do keep it.
 *
 * <p>Thread-safe and blocking.
 */
public interface EvictionIndex {

  /** What of an image goes, the more harmless first. */
  enum Part {
    /**
     * The image with its lazy view. Not of images whose converted content is leased, or that wait
     * for their conversion.
     */
    WHOLE,
    /**
     * What upstream has of it. Converted content stays readable, and is the image's lazy view again
     * when its tag is asked for again.
     */
    ORIGINAL
  }

  /**
   * What an eviction leaves alone.
   *
   * @param convertedLease converted content that was used since that long ago
   * @param usedBefore anything that was used at this time or later
   */
  record Restraint(Duration convertedLease, Instant usedBefore) {}

  /** How many bytes the blobs have, without walking over them. */
  StoreUse use();

  /**
   * The images that were not used for the longest time, and of which there are bytes here; that one
   * first.
   *
   * @param limit at most this many
   */
  List<CachedImage> oldest(Part part, Restraint restraint, int limit);

  /** The image at a manifest, whatever its use. */
  Optional<CachedImage> image(RepositoryName repository, Digest manifest);

  /**
   * Removes an image in one change of the metadata. Its blobs that nothing else keeps are doomed:
   * nobody can link them any more, and their bytes are to be removed next.
   *
   * @param removed called when the removal is visible and before anybody who asked for any of it
   *     meanwhile gets an answer
   * @return empty if it was used since it was found, is restrained, or any of it, or of its lazy
   *     view, was committed within {@link Evictor#QUIET}
   */
  Optional<Evicted> evict(CachedImage image, Part part, Restraint restraint, Runnable removed);
}
