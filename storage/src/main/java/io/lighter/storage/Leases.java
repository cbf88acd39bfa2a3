package io.lighter.storage;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;

/**
 * What clients use, so that garbage collection leaves it alone for a time although nothing names
 * it: a client that was told that a blob is here does not upload it, and a container that was
 * mounted lazily goes on reading a digest whose tag moved long ago.
 *
 * <p>Leases are kept in memory and written now and then; a crash may lose those of the last minute.
 * Linking, mounting and pushing lease durably by themselves. Thread-safe.
 */
public interface Leases {

  /** What a client does with content. */
  enum Use {
    /** Asks whether it is here. */
    ASK,
    /** Reads it. */
    READ
  }

  /**
   * Leases what was found in a repository. To be called after it was found and before the client is
   * told; then it is there, and stays. Blocks only if the content is being removed at this moment.
   *
   * @param digest a manifest or a linked blob
   * @return whether the repository still has it
   */
  boolean keep(RepositoryName repository, Digest digest, Use use);

  /**
   * Leases without blocking, for an event loop.
   *
   * @return false if the content may be being removed at this moment; what the caller knew about it
   *     before this call is void then. After true the caller looks once more whether what it knows
   *     was withdrawn meanwhile.
   */
  boolean tryKeep(RepositoryName repository, Digest digest, Use use);
}
