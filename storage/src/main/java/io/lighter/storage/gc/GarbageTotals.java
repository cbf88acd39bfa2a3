package io.lighter.storage.gc;

import java.time.Duration;

/**
 * What a collection removed, or would remove.
 *
 * @param manifests manifests of repositories
 * @param links blobs that are not readable through a repository any more
 * @param conversions results of conversions
 * @param blobs blobs with their bytes
 * @param orphans files that nothing knew of
 * @param bytes freed on the disk
 * @param complete whether the collection came to its end
 * @param duration how long it took
 */
public record GarbageTotals(
    long manifests,
    long links,
    long conversions,
    long blobs,
    long orphans,
    long bytes,
    boolean complete,
    Duration duration) {

  static final GarbageTotals NONE = new GarbageTotals(0, 0, 0, 0, 0, 0, false, Duration.ZERO);

  GarbageTotals plus(Garbage garbage) {
    return switch (garbage) {
      case Garbage.Manifest _ -> plus(1, 0, 0, 0, 0, 0);
      case Garbage.Link _ -> plus(0, 1, 0, 0, 0, 0);
      case Garbage.LazyView _ -> this;
      case Garbage.Conversion _ -> plus(0, 0, 1, 0, 0, 0);
      case Garbage.Blob(var _, long size) -> plus(0, 0, 0, 1, 0, size);
      case Garbage.UnknownFile(var _, long size) -> plus(0, 0, 0, 0, 1, size);
      case Garbage.UnknownUpload(var _, long size) -> plus(0, 0, 0, 0, 1, size);
    };
  }

  GarbageTotals ended(boolean toTheEnd, Duration took) {
    return new GarbageTotals(manifests, links, conversions, blobs, orphans, bytes, toTheEnd, took);
  }

  private GarbageTotals plus(
      long moreManifests,
      long moreLinks,
      long moreConversions,
      long moreBlobs,
      long moreOrphans,
      long moreBytes) {
    return new GarbageTotals(
        manifests + moreManifests,
        links + moreLinks,
        conversions + moreConversions,
        blobs + moreBlobs,
        orphans + moreOrphans,
        bytes + moreBytes,
        complete,
        duration);
  }
}
