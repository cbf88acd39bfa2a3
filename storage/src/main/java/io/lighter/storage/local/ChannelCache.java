package io.lighter.storage.local;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lighter.oci.Digest;
import io.lighter.storage.BlobSource;
import java.util.Optional;

/**
 * Files of blobs that were read lately, kept open: a warm read costs no open, no stat and no look
 * into the metadata. A file stays open as long as it is cached or leased; so there are at most as
 * many open files as the cache may have, and the leases of those that it evicted.
 *
 * <p>Thread-safe, and no method blocks: Caffeine evicts and closes on its own threads.
 */
final class ChannelCache {
  private final Cache<Digest, SharedChannel> channels;

  /**
   * An empty cache.
   *
   * @param size how many files are kept open
   */
  ChannelCache(int size) {
    channels =
        Caffeine.newBuilder()
            .maximumSize(size)
            .<Digest, SharedChannel>removalListener((_, channel, _) -> {
              if (channel != null) {
                channel.release();
              }
            })
            .build();
  }

  /** The blob, if its file is open. */
  Optional<BlobSource> lease(Digest digest) {
    SharedChannel cached = channels.getIfPresent(digest);
    if (cached == null) {
      return Optional.empty();
    }
    if (!cached.isOpen()) {
      // An interrupted reader closed it; see SharedFile.
      channels.asMap().remove(digest, cached);
      return Optional.empty();
    }
    // Fails if the cache let go of the channel since we found it.
    return cached.lease();
  }

  /** Keeps a file open from now on, which belongs to the cache then, and leases it. */
  BlobSource add(Digest digest, SharedChannel shared) {
    // Leased first: the cache may evict it at once.
    BlobSource lease = shared.lease().orElseThrow();
    channels.put(digest, shared);
    return lease;
  }

  /** Lets go of a file; its leases stay readable. */
  void remove(Digest digest) {
    channels.invalidate(digest);
  }

  /** Lets go of all files; their leases stay readable. */
  void clear() {
    channels.invalidateAll();
  }
}
