package io.lighter.storage.rocksdb;

import io.lighter.oci.Digest;
import io.lighter.storage.gc.Evictor;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;

/**
 * Blobs that somebody committed, or found here when he wanted to, a moment ago: he is about to link
 * them. Leases and the times in the index are too coarse for an eviction, which cannot wait for
 * hours. Nobody needs this after a restart: nobody is about to link anything then.
 *
 * <p>Owned by the writer thread.
 */
final class RecentCommits {
  private final Clock clock;

  /** In the order of their times. */
  private final LinkedHashMap<Digest, Instant> commits = new LinkedHashMap<>();

  RecentCommits(Clock clock) {
    this.clock = clock;
  }

  void note(Digest digest) {
    forgetOld();
    commits.remove(digest);
    commits.put(digest, clock.instant());
  }

  boolean contains(Digest digest) {
    forgetOld();
    return commits.containsKey(digest);
  }

  private void forgetOld() {
    Instant old = clock.instant().minus(Evictor.QUIET);
    var oldest = commits.values().iterator();
    while (oldest.hasNext() && !oldest.next().isAfter(old)) {
      oldest.remove();
    }
  }
}
