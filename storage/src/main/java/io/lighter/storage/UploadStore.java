package io.lighter.storage;

import java.util.List;
import java.util.Optional;

/**
 * Which uploads are open. Their bytes are in the {@link BlobStore}.
 *
 * <p>Thread-safe and blocking; changes are durable when they return.
 */
public interface UploadStore {

  /** Notes a new upload. */
  void put(UploadRecord upload);

  /** The upload, if it is open. */
  Optional<UploadRecord> find(UploadId id);

  /** Forgets an upload; false if it was not open. */
  boolean remove(UploadId id);

  /** Every open upload. */
  List<UploadRecord> all();
}
