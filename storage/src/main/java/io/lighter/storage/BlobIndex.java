package io.lighter.storage;

import io.lighter.oci.Digest;
import java.util.Optional;

/**
 * Which blobs the store has, and how large they are. A {@link BlobStore} adds a blob here after its
 * bytes are durable, so that a question about existence, and an opening of the store, never walks
 * the blobs themselves.
 *
 * <p>Thread-safe and blocking; changes are durable when they return.
 */
public interface BlobIndex {

  /** The blob, if it is indexed. */
  Optional<BlobInfo> find(Digest digest);

  /**
   * Indexes a blob; without effect if it is indexed already. It is safe from garbage collection for
   * the grace period, and one that was {@link #isDoomed doomed} or damaged is so no longer.
   */
  void add(BlobInfo blob);

  /**
   * The blob, if it is indexed, and then safe from garbage collection for another grace period.
   * Whoever relies on a blob that is here already asks this, not {@link #find}: what {@code find}
   * saw may be gone before it is linked.
   */
  Optional<BlobInfo> renew(Digest digest);

  /** Forgets a blob; false if it was not indexed. */
  boolean remove(Digest digest);

  /** Forgets a blob, and remembers that its bytes were there once and are lost. */
  void markDamaged(BlobInfo blob);

  /** Whether the blob was damaged and has not come again since. */
  boolean isDamaged(Digest digest);

  /** Whether garbage collection has taken the blob out of the index and its bytes are to go. */
  boolean isDoomed(Digest digest);

  /** The bytes of a doomed blob are gone. */
  void buried(Digest digest);
}
