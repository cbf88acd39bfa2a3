package io.lighter.storage.local;

import io.lighter.oci.Digest;
import io.lighter.storage.BlobIndex;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.StorageException;
import java.io.IOException;
import java.util.Optional;

/** An index on a disk that is full while a test says so. */
final class FailingIndex implements BlobIndex {
  private final BlobIndex index;
  boolean fail;

  FailingIndex(BlobIndex index) {
    this.index = index;
  }

  @Override
  public Optional<BlobInfo> find(Digest digest) {
    return index.find(digest);
  }

  @Override
  public void add(BlobInfo blob) {
    if (fail) {
      throw new StorageException.DiskFull("the index is full", new IOException("on purpose"));
    }
    index.add(blob);
  }

  @Override
  public Optional<BlobInfo> renew(Digest digest) {
    return index.renew(digest);
  }

  @Override
  public boolean isDoomed(Digest digest) {
    return index.isDoomed(digest);
  }

  @Override
  public void buried(Digest digest) {
    index.buried(digest);
  }

  @Override
  public boolean remove(Digest digest) {
    return index.remove(digest);
  }

  @Override
  public void markDamaged(BlobInfo blob) {
    index.markDamaged(blob);
  }

  @Override
  public boolean isDamaged(Digest digest) {
    return index.isDamaged(digest);
  }
}
