package io.lighter.server;

import io.lighter.server.admin.EvictOperation;
import io.lighter.server.admin.GcOperation;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.content.UploadSessions;
import io.lighter.server.convert.ConversionQueue;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.server.verify.Verification;
import io.lighter.server.verify.VerificationSchedule;
import io.lighter.storage.VerificationPass;
import io.lighter.storage.gc.CacheSpace;
import io.lighter.storage.gc.Evictor;
import io.lighter.storage.gc.GarbageCollector;
import io.lighter.storage.local.BlobLayout;
import io.lighter.storage.local.FileBlobStore;
import io.lighter.storage.local.LocalCacheSpace;
import io.lighter.storage.local.LocalDisk;
import io.lighter.storage.local.LocalGarbageFiles;
import io.lighter.storage.rocksdb.RocksStores;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * What keeps the store small and sound, by itself and when it is asked to: garbage collection,
 * eviction, verification, and the removal of what nobody finished. Thread-safe.
 */
final class Housekeeping implements AutoCloseable {
  private static final Duration UPLOAD_IDLE = Duration.ofMinutes(5);

  private final ServerConfig config;
  private final RocksStores stores;
  private final FileBlobStore blobs;
  private final RegistryMetrics metrics;
  private final Clock clock;
  private final Runnable removed;

  private final GcOperation garbage;
  private final GarbageSchedule collections;
  private final Evictor evictor;
  private final EvictOperation evictions;
  private final CacheSpace space;
  private final Verification verification;
  private final RoomMaking room;

  /** Ends what goes on by itself, the last one first. */
  private final Deque<Runnable> ends = new ArrayDeque<>();

  /**
   * Begins to look after a store.
   *
   * @param queue takes images again whose converted layers were found damaged
   * @param removed is told when content was removed
   */
  Housekeeping(
      ServerConfig config,
      BlobLayout layout,
      RocksStores stores,
      FileBlobStore blobs,
      LocalDisk disk,
      UploadSessions uploads,
      ConversionQueue queue,
      Runnable removed,
      RegistryMetrics metrics,
      Clock clock) {
    this.config = config;
    this.stores = stores;
    this.blobs = blobs;
    this.metrics = metrics;
    this.clock = clock;
    this.removed = removed;
    var files = new LocalGarbageFiles(layout, blobs);
    space = new LocalCacheSpace(disk, blobs);
    ends.push(upkeep(uploads)::close);
    verification = verification(queue);
    evictor = evictor(files);
    evictions = new EvictOperation(evictor, metrics);
    room = new RoomMaking(evictions);
    ends.push(new EvictionSchedule(evictions)::close);
    garbage = new GcOperation(collector(files), metrics);
    collections = new GarbageSchedule(garbage, config.gc().interval());
    ends.push(collections::close);
  }

  private Upkeep upkeep(UploadSessions uploads) {
    Duration expiry = config.storage().uploadExpiry();
    Duration partials = config.storage().partialExpiry();
    return new Upkeep(
        List.of(
            new Upkeep.Task("close idle uploads", () -> uploads.closeIdle(UPLOAD_IDLE)),
            new Upkeep.Task("remove old uploads", () -> uploads.expire(expiry)),
            new Upkeep.Task("write leases", stores.garbage()::writeLeases),
            new Upkeep.Task(
                "remove old downloads",
                () -> blobs.removePartials(clock.instant().minus(partials)))));
  }

  private Verification verification(ConversionQueue queue) {
    var all =
        new Verification(
            stores.verification(), blobs, stores.metadata(), queue::offer, removed, clock);
    metrics.gauge(
        "lighter.verify.damaged",
        "What the last verification found damaged",
        () -> all.last().map(VerificationPass::damage).orElse(0L));
    if (!config.verify().interval().isZero()) {
      var schedule =
          new VerificationSchedule(
              all, config.verify().interval(), config.verify().rate().bytes(), clock);
      ends.push(schedule::close);
      schedule.start();
    }
    return all;
  }

  private GarbageCollector collector(LocalGarbageFiles files) {
    return new GarbageCollector(
        stores.garbage(),
        files,
        stores.blobIndex(),
        stores.uploads(),
        config.gc().keep(),
        config.gc().removalsPerSecond(),
        clock,
        removed);
  }

  private Evictor evictor(LocalGarbageFiles files) {
    return new Evictor(
        stores.eviction(),
        stores.garbage(),
        files,
        space,
        config.cacheLimits(),
        config.gc().keep(),
        config.gc().removalsPerSecond(),
        clock,
        removed);
  }

  /**
   * Looks after the store by these settings from now on, as far as they change without a restart.
   */
  void replace(ServerConfig changed) {
    evictor.replace(changed.cacheLimits());
    collections.replace(changed.gc().interval());
  }

  /** Returns when so many bytes were evicted, or cannot be. */
  void makeRoom(long bytes) {
    room.makeRoom(bytes);
  }

  GcOperation garbage() {
    return garbage;
  }

  Evictor evictor() {
    return evictor;
  }

  EvictOperation evictions() {
    return evictions;
  }

  /** What cached content takes and leaves. */
  CacheSpace space() {
    return space;
  }

  Verification verification() {
    return verification;
  }

  /** Ends what goes on by itself. */
  @Override
  public void close() {
    ends.forEach(Runnable::run);
  }
}
