package io.lighter.server.admin.view;

import io.lighter.server.admin.AdminRequest;
import io.lighter.server.admin.AdminView;
import io.lighter.storage.gc.CacheLimits;
import io.lighter.storage.gc.CacheSpace;
import io.lighter.storage.gc.EvictionIndex;
import io.lighter.storage.gc.Evictor;
import io.lighter.storage.gc.Pressure;
import io.lighter.storage.gc.StoreUse;
import java.util.Locale;
import java.util.function.IntSupplier;

/** {@code GET /admin/storage}: what takes how much room, and how much there is. */
public final class StorageView implements AdminView {
  private final EvictionIndex index;
  private final Evictor evictor;
  private final CacheSpace space;
  private final IntSupplier uploads;
  private final IntSupplier downloads;

  /**
   * @param uploads uploads that are not finished
   * @param downloads downloads under way
   */
  public StorageView(
      EvictionIndex index,
      Evictor evictor,
      CacheSpace space,
      IntSupplier uploads,
      IntSupplier downloads) {
    this.index = index;
    this.evictor = evictor;
    this.space = space;
    this.uploads = uploads;
    this.downloads = downloads;
  }

  @Override
  public String name() {
    return "storage";
  }

  @Override
  public Record read(AdminRequest request) {
    StoreUse use = index.use();
    CacheLimits limits = evictor.limits();
    Pressure pressure = evictor.pressure();
    long total = space.total();
    return new Document(
        use.cached(),
        use.hosted(),
        space.partialBytes(),
        limits.capacity(),
        new Disk(total, pressure.free(), limits.floor(total)),
        pressure
            .reason()
            .map(reason -> reason.name().toLowerCase(Locale.ROOT).replace('_', '-'))
            .orElse("none"),
        pressure.excess(),
        uploads.getAsInt(),
        downloads.getAsInt());
  }

  /**
   * The store.
   *
   * @param cachedBytes complete blobs that can be had again from upstreams, or be made again
   * @param hostedBytes blobs that were pushed
   * @param partialBytes blobs that have arrived in part
   * @param capacityBytes most bytes of cached content; 0 for no cap
   * @param pressure why something has to go, or {@code none}
   * @param excessBytes how much has to go
   */
  private record Document(
      long cachedBytes,
      long hostedBytes,
      long partialBytes,
      long capacityBytes,
      Disk disk,
      String pressure,
      long excessBytes,
      int uploads,
      int downloads) {}

  /**
   * The disk of the store.
   *
   * @param floorBytes bytes that are to stay free
   */
  private record Disk(long totalBytes, long freeBytes, long floorBytes) {}
}
