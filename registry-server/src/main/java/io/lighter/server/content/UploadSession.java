package io.lighter.server.content;

import io.lighter.storage.BlobWriter;
import io.lighter.storage.UploadId;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One upload in progress. Whoever holds the {@link Lease} is the only one who touches the writer;
 * the permit hands the writer from thread to thread.
 */
public final class UploadSession {
  private static final long PATIENCE_SECONDS = 5;

  private final UploadId id;
  private final Supplier<BlobWriter> resume;
  private final Semaphore permit = new Semaphore(1);

  // Both guarded by the permit.
  private @Nullable BlobWriter writer;
  private boolean ended;

  /** Seen by {@link #closeIfIdleSince} only; the first look starts the clock. */
  private volatile @Nullable Instant idleSince;

  UploadSession(UploadId id, Supplier<BlobWriter> resume) {
    this.id = id;
    this.resume = resume;
  }

  Lease firstLease(BlobWriter fresh) {
    permit.acquireUninterruptibly();
    writer = fresh;
    return new Lease(fresh);
  }

  /** Empty if the session ended before the caller got it. */
  Optional<Lease> lease() {
    try {
      if (!permit.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new UploadBusyException(id);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UploadBusyException(id);
    }
    if (ended) {
      permit.release();
      return Optional.empty();
    }
    idleSince = null;
    BlobWriter current = writer;
    if (current == null) {
      try {
        current = resume.get();
      } catch (RuntimeException e) {
        permit.release();
        throw e;
      }
      writer = current;
    }
    return Optional.of(new Lease(current));
  }

  boolean closeIfIdleSince(Instant before, Instant now) {
    if (!permit.tryAcquire()) {
      idleSince = null;
      return false;
    }
    try {
      Instant since = idleSince;
      if (since == null) {
        idleSince = now;
        return false;
      }
      if (since.isAfter(before)) {
        return false;
      }
      closeWriter();
      ended = true;
      return true;
    } finally {
      permit.release();
    }
  }

  /** Waits for the request that holds the session, then closes the file, which stays resumable. */
  void close() {
    permit.acquireUninterruptibly();
    try {
      closeWriter();
      ended = true;
    } finally {
      permit.release();
    }
  }

  private void closeWriter() {
    if (writer != null) {
      writer.close();
      writer = null;
    }
  }

  /** The right to write the upload, until closed. */
  public final class Lease implements AutoCloseable {
    private final BlobWriter leased;
    private boolean closed;

    private Lease(BlobWriter leased) {
      this.leased = leased;
    }

    public UploadId id() {
      return id;
    }

    /** The writer; valid until this lease closes. Not to be closed by the holder. */
    public BlobWriter writer() {
      return leased;
    }

    void end() {
      closeWriter();
      ended = true;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        permit.release();
      }
    }
  }
}
