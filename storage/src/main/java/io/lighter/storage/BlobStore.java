package io.lighter.storage;

import io.lighter.oci.Digest;
import java.util.Optional;

/**
 * Content by digest: immutable bytes that appear whole or not at all. There are no paths, no
 * renames and no listing by prefix; take care when adding to this interface, every backend must be
 * able to do it well.
 *
 * <p>Thread-safe. Every method except {@link #tryOpen} may block.
 */
public interface BlobStore extends AutoCloseable {

  /** The blob's size if it is in the store. */
  Optional<BlobInfo> stat(Digest digest);

  /** Whether the store had the blob and found its bytes damaged. Storing it again heals it. */
  boolean isDamaged(Digest digest);

  /**
   * Opens a blob for reading. The caller closes the source; the bytes stay readable until then,
   * even if the blob is deleted meanwhile.
   *
   * @throws StorageException.BlobMissing if the store does not have it
   * @throws StorageException.BlobDamaged if it had it, and the bytes were found to be damaged
   */
  BlobSource open(Digest digest);

  /**
   * Opens a blob if that is possible without blocking, because it is open already. Safe on an event
   * loop. Empty says nothing about whether the store has the blob.
   */
  Optional<BlobSource> tryOpen(Digest digest);

  /** Begins a blob that nobody can resume: what is left of it by a crash is removed at start. */
  BlobWriter newWriter();

  /** Begins a blob that {@link #resumeUpload} can continue, also after a restart. */
  BlobWriter newUpload(UploadId id);

  /**
   * Continues an upload at the byte it had reached. Costs a read of those bytes, because their hash
   * is not kept.
   *
   * @throws StorageException.UploadMissing if there is no such upload
   */
  BlobWriter resumeUpload(UploadId id);

  /** Removes what an upload had received; nothing if there is none. */
  void deleteUpload(UploadId id);

  /**
   * Opens what is here of a blob that arrives in parts, or begins one. What was kept under another
   * size is thrown away. Must not be open already.
   *
   * @param size length of the whole blob, more than 0
   */
  PartialBlob openPartial(Digest digest, long size);

  /** Removes a blob; false if it was not there. Sources that are open stay readable. */
  boolean delete(Digest digest);

  @Override
  void close();
}
