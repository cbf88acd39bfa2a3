package io.lighter.server.pullthrough;

import io.lighter.server.upstream.UpstreamException;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.BlobWriter;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A blob between the one thread that downloads it and those who read it meanwhile. The downloading
 * thread never waits for a reader: readers take their bytes back from the writer's file, each at
 * his own speed, and only wait where the file ends. The memory this needs does not depend on how
 * many they are.
 *
 * <p>The last byte is not given out before the whole is verified and durable. A client of a corrupt
 * blob is therefore always left with a body that is visibly too short.
 *
 * <p>When the blob is complete, readers go on in the store's copy, which is opened once for all of
 * them. {@code handle} makes that safe: a read from the writer holds it shared, and the writer is
 * closed only after it was held exclusively to change the phase.
 */
final class GrowingBlob {

  private sealed interface Phase {
    /** Upstream has not answered, or not said how long the blob is. */
    record Asking() implements Phase {}

    record Receiving(long size, BlobWriter writer) implements Phase {}

    /** Durable; {@code source} is closed when the last reader has left. */
    record Complete(BlobInfo blob, BlobSource source) implements Phase {}

    record Failed(RuntimeException cause) implements Phase {}
  }

  private final String name;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ReentrantReadWriteLock handle = new ReentrantReadWriteLock();
  private Phase phase = new Phase.Asking(); // written under handle and lock, read under either
  private volatile long received; // written under lock
  private int waiting; // guarded by lock
  private int readers; // guarded by lock

  /** A blob that nothing is known of; {@code name} is for messages. */
  GrowingBlob(String name) {
    this.name = name;
  }

  /** Upstream has answered: from now on readers are let in. */
  void begin(long size, BlobWriter writer) {
    change(new Phase.Receiving(size, writer));
  }

  /** This many bytes have been appended in all. */
  void advance(long total) {
    lock.lock();
    try {
      received = total;
      if (waiting > 0) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The blob is durable. When this returns nobody reads from the writer any more.
   *
   * @param source the store's copy, which now belongs to the readers
   */
  void complete(BlobInfo blob, BlobSource source) {
    change(new Phase.Complete(blob, source));
  }

  /** The blob will not come. When this returns nobody reads from the writer any more. */
  void fail(RuntimeException cause) {
    change(new Phase.Failed(cause));
  }

  /** Whether it is complete, or will never be. */
  boolean ended() {
    lock.lock();
    try {
      return switch (phase) {
        case Phase.Failed _, Phase.Complete _ -> true;
        case Phase.Asking _, Phase.Receiving _ -> false;
      };
    } finally {
      lock.unlock();
    }
  }

  /**
   * Opens the blob once upstream has answered.
   *
   * @return empty if it is complete: then the store has it
   * @throws UpstreamException if it failed, or there is no answer after {@code patience}
   */
  Optional<BlobSource> open(Duration patience) {
    long left = patience.toNanos();
    lock.lock();
    try {
      while (phase instanceof Phase.Asking) {
        if (left <= 0) {
          throw new UpstreamException.Unreachable(
              "%s is waited for; try again in a few seconds".formatted(name), null);
        }
        left = changed.awaitNanos(left);
      }
      return switch (phase) {
        case Phase.Failed(RuntimeException cause) -> throw cause;
        case Phase.Receiving(long size, BlobWriter _) -> {
          readers++;
          yield Optional.of(new Reader(size));
        }
        case Phase.Complete _, Phase.Asking _ -> Optional.empty();
      };
    } catch (InterruptedException e) {
      throw interrupted(e);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the blob is durable.
   *
   * @throws UpstreamException if it will not come
   */
  BlobInfo await() {
    lock.lock();
    try {
      while (true) {
        switch (phase) {
          case Phase.Complete(BlobInfo blob, BlobSource _) -> {
            return blob;
          }
          case Phase.Failed(RuntimeException cause) -> throw cause;
          case Phase.Asking _, Phase.Receiving _ -> changed.await();
        }
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    } finally {
      lock.unlock();
    }
  }

  private void change(Phase next) {
    handle.writeLock().lock();
    lock.lock();
    try {
      phase = next;
      changed.signalAll();
      closeIfUnused();
    } finally {
      lock.unlock();
      handle.writeLock().unlock();
    }
  }

  private void closeIfUnused() {
    if (readers == 0 && phase instanceof Phase.Complete(BlobInfo _, BlobSource source)) {
      source.close();
    }
  }

  /** End of what may be read of a blob that is not verified. */
  private long readable(long size) {
    return Math.min(received, size - 1);
  }

  private UpstreamException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new UpstreamException.Unreachable("stopped while waiting for " + name, e);
  }

  /** One client's view. Positions are independent, so that it serves ranges as well. */
  private final class Reader implements BlobSource.Growing {
    private final long size;
    private boolean closed; // guarded by lock

    Reader(long size) {
      this.size = size;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public int read(ByteBuffer target, long position) {
      if (position < 0 || position >= size) {
        throw new IndexOutOfBoundsException(
            "position must be from 0 to %d, not %d".formatted(size - 1, position));
      }
      while (true) {
        BlobSource complete = awaitByte(position);
        if (complete != null) {
          return complete.read(target, position);
        }
        int count = readBack(target, position);
        if (count > 0) {
          return count;
        }
        // The phase changed between the two steps; the next round sees what it became.
      }
    }

    /** Waits for a byte; the complete blob if it is, null if the writer has the byte. */
    private @Nullable BlobSource awaitByte(long position) {
      lock.lock();
      try {
        while (true) {
          if (closed) {
            throw new IllegalStateException("source of %s is closed".formatted(name));
          }
          switch (phase) {
            case Phase.Complete(BlobInfo _, BlobSource source) -> {
              return source;
            }
            case Phase.Failed(RuntimeException cause) -> throw cause;
            case Phase.Receiving _, Phase.Asking _ -> {
              if (position < readable(size)) {
                return null;
              }
            }
          }
          waiting++;
          try {
            changed.await();
          } finally {
            waiting--;
          }
        }
      } catch (InterruptedException e) {
        throw interrupted(e);
      } finally {
        lock.unlock();
      }
    }

    private int readBack(ByteBuffer target, long position) {
      handle.readLock().lock();
      try {
        if (!(phase instanceof Phase.Receiving(long _, BlobWriter writer))) {
          return 0;
        }
        var window = target.slice();
        window.limit((int) Math.min(window.remaining(), readable(size) - position));
        int count = writer.read(window, position);
        target.position(target.position() + Math.max(count, 0));
        return count;
      } finally {
        handle.readLock().unlock();
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        if (!closed) {
          closed = true;
          readers--;
          changed.signalAll(); // For a thread that waits in this source.
          closeIfUnused();
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
