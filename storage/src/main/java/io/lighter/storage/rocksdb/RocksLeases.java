package io.lighter.storage.rocksdb;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.Leases;
import java.lang.invoke.VarHandle;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Leases: new ones in a map, the others in RocksDB.
 *
 * <p>A client that was told "it is here" and a removal must not miss each other. Before a removal
 * looks at the leases it condemns what it may remove; whoever leases something looks afterwards
 * whether it is condemned. So either the removal sees the lease, or the client's thread sees the
 * sentence; then it asks the writer thread, where it comes before or after the removal.
 */
final class RocksLeases implements Leases {
  private static final int FLUSH_BATCH = 500;

  /** Leases in memory may lag this much, so that a hot blob costs a look and no entry. */
  private static final Duration MEMORY_GRANULARITY = Duration.ofSeconds(1);

  /** Content of a repository, whether a manifest or a linked blob. */
  record Key(RepositoryName repository, Digest digest) {}

  private final RocksDatabase database;
  private final MetadataWriter writer;
  private final Clock clock;
  private final Duration granularity;
  private final ConcurrentHashMap<Key, Lease> pending = new ConcurrentHashMap<>();

  /** By how many removals at once: garbage collection and eviction do not wait for each other. */
  private final ConcurrentHashMap<Key, Integer> condemned = new ConcurrentHashMap<>();

  /**
   * @param granularity how coarse leases are in the database
   */
  RocksLeases(RocksDatabase database, MetadataWriter writer, Clock clock, Duration granularity) {
    this.database = database;
    this.writer = writer;
    this.clock = clock;
    this.granularity = granularity;
  }

  /** How much older than the last use a lease in the database may be. */
  Duration granularity() {
    return granularity;
  }

  Instant now() {
    return clock.instant();
  }

  @Override
  public boolean tryKeep(RepositoryName repository, Digest digest, Use use) {
    var key = new Key(repository, digest);
    var lease = Lease.of(use, clock.instant());
    Lease known = pending.get(key);
    if (known == null || !known.covers(lease, memoryGranularity())) {
      pending.merge(key, lease, Lease::and);
    }
    // Neither this thread nor that of a removal may look before its own write can be seen.
    VarHandle.fullFence();
    return !condemned.containsKey(key);
  }

  @Override
  public boolean keep(RepositoryName repository, Digest digest, Use use) {
    if (tryKeep(repository, digest, use)) {
      return exists(database, repository, digest);
    }
    return writer.apply(changes -> {
      boolean there = exists(changes, repository, digest);
      if (there) {
        renew(changes, repository, digest, use);
      }
      return there;
    });
  }

  /** Writes a lease with other changes. */
  void renew(Changes changes, RepositoryName repository, Digest digest, Use use) {
    write(changes, new Key(repository, digest), Lease.of(use, clock.instant()));
  }

  /** Forgets the lease of something that is removed, unless the digest names another thing too. */
  void drop(Changes changes, RepositoryName repository, Digest digest) {
    if (!exists(changes, repository, digest)) {
      changes.delete(Family.LEASES, Keys.lease(repository, digest));
    }
  }

  /** The last uses, as far as they are known. */
  Lease current(View view, RepositoryName repository, Digest digest) {
    Lease written =
        view.get(Family.LEASES, Keys.lease(repository, digest))
            .map(Records::lease)
            .orElse(Lease.NONE);
    return written.and(pending.getOrDefault(new Key(repository, digest), Lease.NONE));
  }

  /** Writes what is only in memory. */
  void flush() {
    var batch = new HashMap<Key, Lease>();
    for (Map.Entry<Key, Lease> entry : pending.entrySet()) {
      batch.put(entry.getKey(), entry.getValue());
      if (batch.size() == FLUSH_BATCH) {
        flush(batch);
        batch.clear();
      }
    }
    flush(batch);
  }

  private void flush(Map<Key, Lease> batch) {
    if (batch.isEmpty()) {
      return;
    }
    writer.run(changes ->
        batch.forEach((key, lease) -> {
          if (exists(changes, key.repository(), key.digest())) {
            write(changes, key, lease);
          }
        }));
    // What was used again meanwhile differs, and stays.
    batch.forEach(pending::remove);
  }

  private void write(Changes changes, Key key, Lease lease) {
    byte[] stored = Keys.lease(key.repository(), key.digest());
    Lease written = changes.get(Family.LEASES, stored).map(Records::lease).orElse(Lease.NONE);
    if (!written.covers(lease, granularity)) {
      changes.put(Family.LEASES, stored, Records.lease(written.and(lease)));
    }
  }

  /**
   * Runs a removal while its victims are condemned.
   *
   * @param removed runs after the removal and before anybody who was kept waiting is answered
   */
  <T> T condemning(Collection<Key> victims, Mutation<T> removal, Runnable removed) {
    victims.forEach(victim -> condemned.merge(victim, 1, Integer::sum));
    VarHandle.fullFence();
    try {
      T result = writer.apply(removal);
      removed.run();
      return result;
    } finally {
      victims.forEach(
          victim -> condemned.computeIfPresent(victim, (_, by) -> by == 1 ? null : by - 1));
    }
  }

  private Duration memoryGranularity() {
    return granularity.compareTo(MEMORY_GRANULARITY) < 0 ? granularity : MEMORY_GRANULARITY;
  }

  private static boolean exists(View view, RepositoryName repository, Digest digest) {
    return view.has(Family.LINKS, Keys.link(repository, digest))
        || view.has(Family.MANIFESTS, Keys.manifest(repository, digest));
  }
}
