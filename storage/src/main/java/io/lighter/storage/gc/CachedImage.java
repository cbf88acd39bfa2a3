package io.lighter.storage.gc;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import java.time.Instant;
import java.util.List;

/**
 * Content of a mirrored repository that is evicted together: a manifest that no other one keeps,
 * and what nothing but it keeps in this repository.
 *
 * @param digest the manifest; or a blob that was asked for without any manifest
 * @param tags tags that name it
 * @param lastUse when anybody last asked for any of it; within the granularity of leases
 * @param bytes of blobs that nothing else keeps, here or in another repository
 */
public record CachedImage(
    RepositoryName repository, Digest digest, List<Tag> tags, Instant lastUse, long bytes) {

  public CachedImage {
    tags = List.copyOf(tags);
  }
}
