package io.lighter.storage;

import io.lighter.oci.Digest;
import java.util.Collection;
import java.util.List;

/**
 * Which blobs were read most, kept over restarts so that they are in memory soon after a start. A
 * hint and no more: it may name blobs that are gone, and a crash may lose what was saved last.
 */
public interface HotList {

  /** What was saved last, in its order; empty if nothing was, or it cannot be understood. */
  List<Digest> load();

  /**
   * Saves a list in place of the last one.
   *
   * @throws StorageException if it cannot be written
   */
  void save(Collection<Digest> hottestFirst);
}
