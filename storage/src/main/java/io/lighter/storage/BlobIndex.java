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

  /** Indexes a blob, which heals it if it was damaged; without effect if it is indexed already. */
  void add(BlobInfo blob);

  /** Forgets a blob; false if it was not indexed. */
  boolean remove(Digest digest);

  /** Forgets a blob, and remembers that its bytes were there once and are lost. */
  void markDamaged(BlobInfo blob);

  /** Whether the blob was damaged and has not come again since. */
  boolean isDamaged(Digest digest);
}
