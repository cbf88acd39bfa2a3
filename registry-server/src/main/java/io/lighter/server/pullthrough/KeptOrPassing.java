package io.lighter.server.pullthrough;

import io.lighter.storage.BlobSource;
import io.lighter.storage.Extent;
import io.lighter.storage.StorageException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * A blob that arrives and is kept; or, if it turns out before its first byte was read that there is
 * no room for it, one that passes through. Whoever has read a part of it by then is not helped: the
 * bytes he had were not hashed for him.
 */
final class KeptOrPassing implements BlobSource.Growing {
  private final Supplier<BlobSource.Growing> passing;
  private volatile BlobSource.Growing current;
  private volatile boolean decided;
  private boolean closed; // guarded by this

  /**
   * @param kept belongs to this
   * @param passing makes the other one
   */
  KeptOrPassing(BlobSource.Growing kept, Supplier<BlobSource.Growing> passing) {
    this.current = kept;
    this.passing = passing;
  }

  @Override
  public long size() {
    return current.size();
  }

  @Override
  public void prepare(List<Extent> wanted, Duration patience) {
    try {
      current.prepare(wanted, patience);
    } catch (StorageException.OutOfSpace e) {
      passOr(e).prepare(wanted, patience);
    }
  }

  @Override
  public int read(ByteBuffer target, long position) {
    int count;
    try {
      count = current.read(target, position);
    } catch (StorageException.OutOfSpace e) {
      count = passOr(e).read(target, position);
    }
    decided = true;
    return count;
  }

  private synchronized BlobSource.Growing passOr(StorageException.OutOfSpace failure) {
    if (decided || closed) {
      throw failure;
    }
    decided = true;
    current.close();
    current = passing.get();
    return current;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      current.close();
    }
  }
}
