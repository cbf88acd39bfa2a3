package io.lighter.storage.gc;

import io.lighter.oci.Digest;
import io.lighter.storage.UploadId;
import java.time.Instant;

/** The bytes of blobs as garbage collection sees them. Thread-safe and blocking. */
public interface GarbageFiles {

  /**
   * Removes the bytes of a doomed blob. Readers that have it open go on reading.
   *
   * @return false if the blob came back meanwhile; then its bytes stay
   */
  boolean removeDoomed(Digest digest);

  /** Removes what an upload received. */
  void removeUpload(UploadId id);

  /** Shows every blob that there are bytes of, and all that uploads received. */
  void walk(Visitor visitor);

  /** Sees files; may take its time. */
  interface Visitor {

    /** Bytes at the place of a blob. */
    void blob(Digest digest, long bytes);

    /**
     * Bytes that an upload received.
     *
     * @param modified when the last ones came
     */
    void upload(UploadId id, long bytes, Instant modified);
  }
}
