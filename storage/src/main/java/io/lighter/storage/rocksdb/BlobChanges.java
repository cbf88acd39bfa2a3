package io.lighter.storage.rocksdb;

import io.lighter.oci.Digest;
import io.lighter.storage.gc.StoreUse;
import java.util.Optional;

/**
 * Changes of the index of blobs. They keep the sum of all sizes in step, so that nobody ever has to
 * walk over the blobs to know how much room they take.
 */
final class BlobChanges {
  private final Changes changes;

  BlobChanges(Changes changes) {
    this.changes = changes;
  }

  Optional<StoredBlob> find(Digest digest) {
    return changes.get(Family.BLOBS, Keys.blob(digest)).map(Records::blob);
  }

  /** Adds a blob, or replaces what is known of it. */
  void put(Digest digest, StoredBlob blob) {
    long before = find(digest).map(StoredBlob::size).orElse(0L);
    changes.put(Family.BLOBS, Keys.blob(digest), Records.blob(blob));
    count(digest, blob.size() - before);
  }

  /** Forgets a blob; empty if it was not indexed. */
  Optional<StoredBlob> remove(Digest digest) {
    Optional<StoredBlob> stored = find(digest);
    stored.ifPresent(blob -> {
      changes.delete(Family.BLOBS, Keys.blob(digest));
      count(digest, -blob.size());
    });
    return stored;
  }

  /** Gives a blob up whose bytes are to be removed next; empty if it was not indexed. */
  Optional<StoredBlob> doom(Digest digest) {
    Optional<StoredBlob> removed = remove(digest);
    removed.ifPresent(blob -> {
      changes.put(Family.DOOMED, Keys.blob(digest), Records.size(blob.size()));
      changes.delete(Family.CONVERTED, Keys.converted(digest));
    });
    return removed;
  }

  /** Adds a repository to those that link a blob, whether its bytes are here or not. */
  void addHolder(Digest digest, byte[] holder, boolean hosted) {
    if (hosted && !isHosted(changes, digest)) {
      find(digest).ifPresent(blob -> add(new StoreUse(-blob.size(), blob.size())));
    }
    changes.put(hosted ? Family.HOLDERS : Family.MIRROR_HOLDERS, holder, Records.EMPTY);
  }

  void removeHolder(Digest digest, byte[] holder) {
    boolean hosted = isHosted(changes, digest);
    changes.delete(Family.HOLDERS, holder);
    changes.delete(Family.MIRROR_HOLDERS, holder);
    if (hosted && !isHosted(changes, digest)) {
      find(digest).ifPresent(blob -> add(new StoreUse(blob.size(), -blob.size())));
    }
  }

  /** Whether a hosted repository links a blob. */
  static boolean isHosted(View view, Digest digest) {
    return view.any(Family.HOLDERS, Keys.holders(digest));
  }

  private void count(Digest digest, long bytes) {
    if (bytes != 0) {
      add(isHosted(changes, digest) ? new StoreUse(0, bytes) : new StoreUse(bytes, 0));
    }
  }

  private void add(StoreUse difference) {
    changes.put(Family.USE, Keys.use(), Records.use(use(changes).plus(difference)));
  }

  /** What all blobs have together. */
  static StoreUse use(View view) {
    return view.get(Family.USE, Keys.use()).map(Records::use).orElse(StoreUse.NONE);
  }

  /** Counts what a store has that kept no sum yet. */
  void countAll() {
    StoreUse[] sum = {StoreUse.NONE};
    Pages.forEach(
        changes,
        Family.BLOBS,
        Keys.all(),
        entry -> {
          long size = Records.blob(entry.value()).size();
          boolean hosted = isHosted(changes, Keys.leadingDigest(entry.key()));
          sum[0] = sum[0].plus(hosted ? new StoreUse(0, size) : new StoreUse(size, 0));
        });
    changes.put(Family.USE, Keys.use(), Records.use(sum[0]));
  }
}
