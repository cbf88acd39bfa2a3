package io.lighter.storage.gc;

/**
 * How many bytes the blobs of a store have. What a hosted repository links was pushed, or was made
 * of what was pushed, and is never evicted; everything else is cached.
 *
 * @param cached bytes of blobs that no hosted repository links
 * @param hosted bytes of blobs that a hosted repository links
 */
public record StoreUse(long cached, long hosted) {
  public static final StoreUse NONE = new StoreUse(0, 0);

  /** The sum of both. */
  public StoreUse plus(StoreUse other) {
    return new StoreUse(cached + other.cached, hosted + other.hosted);
  }
}
