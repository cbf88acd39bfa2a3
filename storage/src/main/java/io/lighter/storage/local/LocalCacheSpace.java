package io.lighter.storage.local;

import io.lighter.storage.gc.CacheSpace;
import java.time.Instant;

/** The disk that a {@link FileBlobStore} is on. */
public final class LocalCacheSpace implements CacheSpace {
  private final LocalDisk disk;
  private final FileBlobStore store;

  public LocalCacheSpace(LocalDisk disk, FileBlobStore store) {
    this.disk = disk;
    this.store = store;
  }

  @Override
  public long free() {
    return disk.free();
  }

  @Override
  public long total() {
    return disk.total();
  }

  @Override
  public long partialBytes() {
    return store.partialBytes();
  }

  @Override
  public int removePartials(Instant untouchedSince) {
    return store.removePartials(untouchedSince);
  }
}
