package io.lighter.server.pullthrough;

import io.lighter.server.pullthrough.FetchPlan.Reservation;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.Extent;
import io.lighter.storage.PartialBlob;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A blob between the threads that fetch it and those who read it meanwhile. Fetching never waits
 * for a reader: readers take their bytes from the partial blob, each at his own speed, and only
 * wait for what is not there. The memory this needs does not depend on how many they are.
 *
 * <p>Whoever reads a blob from its begin to its end is not given the last byte before the whole is
 * verified and durable, so that a client of a corrupt blob is always left with a body that is
 * visibly too short. A range cannot be verified by itself; lazy clients verify what they read.
 *
 * <p>When the blob is complete, readers go on in the store's copy, which is opened once for all of
 * them. {@code handle} makes that safe: a read of the partial blob holds it shared, and that is
 * closed only after it was held exclusively to change the phase.
 */
final class ArrivingBlob {

  /** More than a lazy client wants at once is a download. */
  private static final long LONGEST_RANGE = 8 * 1024 * 1024;

  private sealed interface Phase {
    /** The partial blob is not open yet. */
    record Opening() implements Phase {}

    record Arriving(PartialBlob partial, FetchPlan plan) implements Phase {}

    /** Durable; {@code source} is closed when the last reader has left. */
    record Complete(BlobInfo blob, BlobSource source) implements Phase {}

    record Failed(RuntimeException cause) implements Phase {}
  }

  /** What a fetch is to do next. */
  enum Work {
    /** Fetch bytes that readers of ranges wait for. */
    RANGE,
    /** Fetch what is missing: somebody waits for the whole blob. */
    DOWNLOAD,
    /** Fetch what is missing: nobody waits for it. */
    BACKGROUND,
    /** All bytes are here. */
    COMMIT,
    /** There is nothing to do any more. */
    END
  }

  /** What a fetch can do now. Asked under a lock: quick, and without waiting. */
  interface Capacity {
    /** Whether one more range can be fetched. */
    boolean range();

    /** In how many nanoseconds one more part of the rest can be fetched; 0 is now. */
    long nanosUntilFill(Work kind);
  }

  private final String name;
  private final long size;
  private final boolean always;
  private final Runnable onRange;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Condition work = lock.newCondition();
  private final ReentrantReadWriteLock handle = new ReentrantReadWriteLock();
  private Phase phase = new Phase.Opening(); // written under handle and lock, read under either
  private int waiting; // guarded by lock
  private int readers; // guarded by lock
  private boolean asked; // by whom it was begun for; guarded by lock
  private int undecided; // readers that have not said what they want; guarded by lock
  private int downloads; // readers of the whole blob; guarded by lock
  private int awaiting; // threads in await(); guarded by lock
  private final List<Extent> early = new ArrayList<>(); // wanted while opening; guarded by lock
  private long cursor; // where such a reader waits; guarded by lock

  /**
   * @param name for messages
   * @param always whether to fetch it to its end when nobody waits for it
   * @param onRange told of every range that somebody begins to read; quick and without waiting
   */
  ArrivingBlob(String name, long size, boolean always, Runnable onRange) {
    this.name = name;
    this.onRange = onRange;
    this.size = size;
    this.always = always;
  }

  /** From now on bytes can be stored and read, unless it has failed already. */
  void begin(PartialBlob partial) {
    var plan = new FetchPlan(size, partial.present());
    handle.writeLock().lock();
    lock.lock();
    try {
      if (!over()) {
        early.forEach(plan::want);
        change(new Phase.Arriving(partial, plan));
      }
    } finally {
      lock.unlock();
      handle.writeLock().unlock();
    }
  }

  /**
   * The blob is durable. When this returns nobody reads from the partial blob any more.
   *
   * @param source the store's copy, which now belongs to the readers
   */
  void complete(BlobInfo blob, BlobSource source) {
    change(new Phase.Complete(blob, source));
  }

  /**
   * The blob will not come, unless it failed or is complete already. When this returns nobody reads
   * from the partial blob any more.
   */
  void fail(RuntimeException cause) {
    handle.writeLock().lock();
    lock.lock();
    try {
      if (!over()) {
        change(new Phase.Failed(cause));
      }
    } finally {
      lock.unlock();
      handle.writeLock().unlock();
    }
  }

  /** Whether it is complete, or will never be. */
  boolean ended() {
    lock.lock();
    try {
      return over();
    } finally {
      lock.unlock();
    }
  }

  /** Whether somebody waits for the whole blob. */
  boolean isDownloaded() {
    lock.lock();
    try {
      return downloads > 0;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Opens the blob for reading.
   *
   * @return empty if it is complete: then the store has it
   * @throws RuntimeException what it failed with, if it did
   */
  Optional<BlobSource> open() {
    lock.lock();
    try {
      return switch (phase) {
        case Phase.Failed(RuntimeException cause) -> throw cause;
        case Phase.Complete _ -> Optional.empty();
        case Phase.Opening _, Phase.Arriving _ -> {
          readers++;
          undecided++;
          asked = true;
          yield Optional.of(new Reader());
        }
      };
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the blob is durable.
   *
   * @throws RuntimeException what it failed with, if it does
   */
  BlobInfo await() {
    lock.lock();
    awaiting++;
    asked = true;
    work.signalAll();
    try {
      while (true) {
        switch (phase) {
          case Phase.Complete(BlobInfo blob, BlobSource _) -> {
            return blob;
          }
          case Phase.Failed(RuntimeException cause) -> throw cause;
          case Phase.Opening _, Phase.Arriving _ -> arrived.await();
        }
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    } finally {
      awaiting--;
      work.signalAll();
      lock.unlock();
    }
  }

  /** Waits until there is something to do that can be done. */
  Work next(Capacity capacity) throws InterruptedException {
    lock.lock();
    try {
      while (true) {
        if (!(phase instanceof Phase.Arriving(PartialBlob _, FetchPlan plan))) {
          return Work.END;
        }
        if (plan.isWhole()) {
          return Work.COMMIT;
        }
        if (capacity.range() && plan.hasWanted()) {
          return Work.RANGE;
        }
        Work fill = downloads > 0 ? Work.DOWNLOAD : Work.BACKGROUND;
        boolean wanted = downloads > 0 || awaiting > 0 || (always && asked && undecided == 0);
        if (!always && !wanted && readers == 0) {
          return Work.END;
        }
        long wait =
            wanted && plan.hasGap() ? capacity.nanosUntilFill(fill) : Duration.ofDays(1).toNanos();
        if (wait <= 0) {
          return fill;
        }
        work.awaitNanos(wait);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Has {@link #next} look again: what can be done has changed. */
  void wake() {
    lock.lock();
    try {
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Reserves bytes that readers of ranges wait for; empty if there are none. */
  Optional<Reservation> reserveWanted() {
    lock.lock();
    try {
      return phase instanceof Phase.Arriving(PartialBlob _, FetchPlan plan)
          ? plan.reserveWanted()
          : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** Reserves bytes that are missing, at most so many; empty if there are none. */
  Optional<Reservation> reserveGap(long most) {
    lock.lock();
    try {
      return phase instanceof Phase.Arriving(PartialBlob _, FetchPlan plan)
          ? plan.reserveGap(cursor, most)
          : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Reserves the whole blob, of which upstream sends no parts; empty if somebody has, or if it is
   * here.
   */
  Optional<Reservation> reserveAll() {
    lock.lock();
    try {
      return phase instanceof Phase.Arriving(PartialBlob _, FetchPlan plan)
          ? plan.reserveAll()
          : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** What is still to come of a reservation: it may have been cut, or the blob have failed. */
  Optional<Extent> rest(Reservation reservation) {
    lock.lock();
    try {
      return phase instanceof Phase.Arriving(PartialBlob _, FetchPlan plan)
          ? plan.rest(reservation)
          : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** Stores the next bytes of a reservation; those that are here already are skipped. */
  void store(Reservation reservation, ByteBuffer bytes) {
    if (!(phase() instanceof Phase.Arriving(PartialBlob partial, FetchPlan plan))) {
      return;
    }
    while (bytes.hasRemaining()) {
      long position;
      Optional<Extent> gap;
      lock.lock();
      try {
        position = plan.position(reservation);
        gap = plan.gap(new Extent(position, position + bytes.remaining()));
      } finally {
        lock.unlock();
      }
      if (gap.isEmpty() || gap.get().first() > position) {
        int known = gap.map(extent -> (int) (extent.first() - position)).orElse(bytes.remaining());
        bytes.position(bytes.position() + known);
        advance(plan, reservation, known);
      } else {
        int missing = (int) gap.get().length();
        partial.write(position, bytes.slice(bytes.position(), missing));
        bytes.position(bytes.position() + missing);
        advance(plan, reservation, missing);
      }
    }
  }

  private void advance(FetchPlan plan, Reservation reservation, int count) {
    lock.lock();
    try {
      plan.advance(reservation, count);
      if (waiting > 0) {
        arrived.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** A request has ended; what it did not bring can be reserved again. */
  void release(Reservation reservation) {
    lock.lock();
    try {
      if (phase instanceof Phase.Arriving(PartialBlob _, FetchPlan plan)) {
        plan.release(reservation);
      }
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private Phase phase() {
    lock.lock();
    try {
      return phase;
    } finally {
      lock.unlock();
    }
  }

  private boolean over() {
    return switch (phase) {
      case Phase.Failed _, Phase.Complete _ -> true;
      case Phase.Opening _, Phase.Arriving _ -> false;
    };
  }

  private void change(Phase next) {
    handle.writeLock().lock();
    lock.lock();
    try {
      phase = next;
      arrived.signalAll();
      work.signalAll();
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

  private UpstreamException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new UpstreamException.Unreachable("stopped while waiting for " + name, e);
  }

  /** One client's view. Positions are independent, so that it serves ranges as well. */
  private final class Reader implements BlobSource.Growing {

    private enum Mode {
      UNKNOWN,
      RANGES,
      /** Reads on and on; only one that began at the begin is promised a verified end. */
      DOWNLOAD
    }

    private Mode mode = Mode.UNKNOWN; // guarded by lock
    private boolean whole; // guarded by lock
    private boolean closed; // guarded by lock

    @Override
    public long size() {
      return size;
    }

    @Override
    public void prepare(List<Extent> wanted, Duration patience) {
      lock.lock();
      try {
        long bytes = wanted.stream().mapToLong(Extent::length).sum();
        boolean all = wanted.stream().anyMatch(extent -> extent.length() == size);
        if (all || bytes > LONGEST_RANGE) {
          download(all);
        } else {
          onRange.run();
          decide(Mode.RANGES);
          wanted.forEach(this::want);
        }
        if (!awaitByte(wanted.getFirst().first(), patience.toNanos())) {
          throw new UpstreamException.Unreachable(
              "%s is waited for; try again in a few seconds".formatted(name), null);
        }
      } catch (InterruptedException e) {
        throw interrupted(e);
      } finally {
        lock.unlock();
      }
    }

    @Override
    public int read(ByteBuffer target, long position) {
      if (position < 0 || position >= size) {
        throw new IndexOutOfBoundsException(
            "position must be from 0 to %d, not %d".formatted(size - 1, position));
      }
      while (true) {
        BlobSource complete = complete(position);
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

    /** Waits for a byte; the complete blob if it is, null if the partial one has the byte. */
    private @Nullable BlobSource complete(long position) {
      lock.lock();
      try {
        if (mode == Mode.UNKNOWN) {
          download(true);
        }
        awaitByte(position, Long.MAX_VALUE);
        return phase instanceof Phase.Complete(BlobInfo _, BlobSource source) ? source : null;
      } catch (InterruptedException e) {
        throw interrupted(e);
      } finally {
        lock.unlock();
      }
    }

    private void download(boolean fromTheBegin) {
      decide(Mode.DOWNLOAD);
      whole = fromTheBegin;
      downloads++;
    }

    private void decide(Mode decided) {
      mode = decided;
      undecided--;
      work.signalAll();
    }

    private void want(Extent extent) {
      switch (phase) {
        case Phase.Arriving(PartialBlob _, FetchPlan plan) -> {
          plan.want(extent);
          work.signalAll();
        }
        case Phase.Opening _ -> early.add(extent);
        case Phase.Complete _, Phase.Failed _ -> {}
      }
    }

    /** Waits, under the lock, until a byte can be read; false if that takes too long. */
    private boolean awaitByte(long position, long nanos) throws InterruptedException {
      long left = nanos;
      boolean asked = false;
      while (true) {
        if (closed) {
          throw new IllegalStateException("source of %s is closed".formatted(name));
        }
        switch (phase) {
          case Phase.Complete _ -> {
            return true;
          }
          case Phase.Failed(RuntimeException cause) -> throw cause;
          case Phase.Opening _ -> {}
          case Phase.Arriving(PartialBlob _, FetchPlan plan) -> {
            if (readable(plan, position) > 0) {
              return true;
            }
            if (mode == Mode.DOWNLOAD) {
              cursor = position;
            } else if (!asked) {
              want(new Extent(position, position + 1));
              asked = true;
            }
          }
        }
        if (left <= 0) {
          return false;
        }
        waiting++;
        try {
          left = arrived.awaitNanos(left);
        } finally {
          waiting--;
        }
      }
    }

    /** How many bytes may be read from a position of what is not verified. */
    private long readable(FetchPlan plan, long position) {
      long here = plan.presentFrom(position);
      return whole && position + here == size ? here - 1 : here;
    }

    private int readBack(ByteBuffer target, long position) {
      handle.readLock().lock();
      try {
        if (!(phase instanceof Phase.Arriving(PartialBlob partial, FetchPlan plan))) {
          return 0;
        }
        long readable;
        lock.lock();
        try {
          readable = readable(plan, position);
        } finally {
          lock.unlock();
        }
        var window = target.slice();
        window.limit((int) Math.min(window.remaining(), readable));
        int count = partial.read(window, position);
        target.position(target.position() + count);
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
          switch (mode) {
            case UNKNOWN -> undecided--;
            case DOWNLOAD -> downloads--;
            case RANGES -> {}
          }
          work.signalAll();
          arrived.signalAll(); // For a thread that waits in this source.
          closeIfUnused();
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
