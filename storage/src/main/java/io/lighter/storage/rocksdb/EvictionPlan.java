package io.lighter.storage.rocksdb;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.gc.CachedImage;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What goes when an image is evicted, and when it was used.
 *
 * @param image the image
 * @param manifests manifests that go
 * @param links blobs that will not be readable through the repository any more
 * @param convertedUse when anybody last used converted content that goes; long ago if none does
 * @param isPending whether any of it waits for its conversion
 * @param isHere whether there are bytes of it that an eviction can free, now or together with other
 *     images
 */
record EvictionPlan(
    CachedImage image,
    Set<Digest> manifests,
    Set<Digest> links,
    Instant convertedUse,
    boolean isPending,
    boolean isHere) {

  EvictionPlan {
    manifests = Set.copyOf(manifests);
    links = Set.copyOf(links);
  }

  RepositoryName repository() {
    return image.repository();
  }

  List<Tag> tags() {
    return image.tags();
  }

  /** Everything that a client may have been told of. */
  Set<RocksLeases.Key> victims() {
    var victims = new HashSet<RocksLeases.Key>();
    manifests.forEach(digest -> victims.add(new RocksLeases.Key(repository(), digest)));
    links.forEach(digest -> victims.add(new RocksLeases.Key(repository(), digest)));
    return victims;
  }
}
