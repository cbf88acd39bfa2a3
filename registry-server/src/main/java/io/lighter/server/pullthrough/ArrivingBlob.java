package io.lighter.server.pullthrough;

import io.lighter.server.pullthrough.Demand.Mode;
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
import java.util.function.Function;

/**
 * A blob between the threads that fetch it and those who read it meanwhile. Fetching never waits
 * for a reader: readers take their bytes from the partial blob, each at his own speed, and only
 * wait for what is not there. The memory this needs does not depend on how many they are.
 *
 * <p>When the blob is complete, readers go on in the store's copy, which is opened once for all of
 * them. {@code handle} makes that safe: a read of the partial blob holds it shared, and that is
 * closed only after it was held exclusively to change the phase.
 */
final class ArrivingBlob {

  private sealed interface Phase {
    /** The partial blob is not open yet; some bytes may be wanted already. */
    record Opening(List<Extent> wanted) implements Phase {}

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

  /** Something that may wait for one of the lock's conditions. */
  @FunctionalInterface
  interface Step<T> {
    T run() throws InterruptedException;
  }

  private static final long LONG = Duration.ofDays(1).toNanos();

  private final String name;
  private final long size;
  private final Runnable onRange;
  private final Demand demand; // guarded by lock
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Condition work = lock.newCondition();
  private final ReentrantReadWriteLock handle = new ReentrantReadWriteLock();

  /** Written under handle and lock, read under either. */
  private Phase phase = new Phase.Opening(new ArrayList<>());

  private int waiting; // guarded by lock

  /**
   * @param name for messages
   * @param always whether to fetch it to its end when nobody waits for it
   * @param onRange told of every range that somebody begins to read; quick and without waiting
   */
  ArrivingBlob(String name, long size, boolean always, Runnable onRange) {
    this.name = name;
    this.size = size;
    this.onRange = onRange;
    this.demand = new Demand(always);
  }

  String name() {
    return name;
  }

  long size() {
    return size;
  }

  // --- its life

  /** From now on bytes can be stored and read, unless it has failed already. */
  void begin(PartialBlob partial) {
    var plan = new FetchPlan(size, partial.present());
    change(before -> {
      if (before instanceof Phase.Opening(List<Extent> wanted)) {
        wanted.forEach(plan::want);
        return new Phase.Arriving(partial, plan);
      }
      return before;
    });
  }

  /**
   * The blob is durable. When this returns nobody reads from the partial blob any more.
   *
   * @param source the store's copy, which now belongs to the readers
   */
  void complete(BlobInfo blob, BlobSource source) {
    change(_ -> new Phase.Complete(blob, source));
  }

  /**
   * The blob will not come; without effect if it is complete, or has failed already. When this
   * returns nobody reads from the partial blob any more.
   */
  void fail(RuntimeException cause) {
    change(before -> isOver(before) ? before : new Phase.Failed(cause));
  }

  /** Whether it is complete, or will never be. */
  boolean ended() {
    return locked(() -> isOver(phase) || demand.wasOver());
  }

  private void change(Function<Phase, Phase> next) {
    handle.writeLock().lock();
    lock.lock();
    try {
      Phase before = phase;
      phase = next.apply(before);
      if (!phase.equals(before)) {
        arrived.signalAll();
        work.signalAll();
        closeIfUnused();
      }
    } finally {
      lock.unlock();
      handle.writeLock().unlock();
    }
  }

  private static boolean isOver(Phase phase) {
    return switch (phase) {
      case Phase.Failed _, Phase.Complete _ -> true;
      case Phase.Opening _, Phase.Arriving _ -> false;
    };
  }

  private void closeIfUnused() {
    if (!demand.isRead() && phase instanceof Phase.Complete(BlobInfo _, BlobSource source)) {
      source.close();
    }
  }

  // --- for those who read

  /**
   * Opens the blob for reading.
   *
   * @return empty if it is complete, or is fetched no longer: then the store is to be asked
   * @throws RuntimeException what it failed with, if it did
   */
  Optional<BlobSource.Growing> open() {
    return locked(() ->
        switch (phase) {
          case Phase.Failed(RuntimeException cause) -> throw cause;
          case Phase.Complete _ -> Optional.empty();
          case Phase.Opening _, Phase.Arriving _ -> {
            if (demand.wasOver()) {
              yield Optional.empty();
            }
            demand.opened();
            yield Optional.of(new ArrivingReader(this));
          }
        });
  }

  /**
   * Waits until the blob is durable.
   *
   * @throws RuntimeException what it failed with, if it does
   */
  BlobInfo await() {
    return locked(() -> {
      demand.awaited();
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
      } finally {
        demand.awaitedNoMore();
        work.signalAll();
      }
    });
  }

  /** Runs a step of a reader under the lock; an interrupt becomes a failure. */
  <T> T locked(Step<T> step) {
    lock.lock();
    try {
      return step.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UpstreamException.Unreachable("stopped while waiting for " + name, e);
    } finally {
      lock.unlock();
    }
  }

  /** A reader has said what he wants. Under the lock. */
  void decided(Mode mode, List<Extent> wanted) {
    demand.decided(mode);
    if (mode == Mode.RANGES) {
      onRange.run();
      wanted.forEach(this::want);
    }
    work.signalAll();
  }

  /** A reader has left. Under the lock. */
  void left(Mode mode) {
    demand.closed(mode);
    work.signalAll();
    arrived.signalAll(); // For a thread that waits in his source.
    closeIfUnused();
  }

  /** A reader cannot go on before this byte is here. Under the lock. */
  void stopped(Mode mode, long position) {
    if (mode == Mode.DOWNLOAD) {
      demand.stoppedAt(position);
    } else {
      want(new Extent(position, position + 1));
      work.signalAll();
    }
  }

  private void want(Extent extent) {
    switch (phase) {
      case Phase.Opening(List<Extent> wanted) -> wanted.add(extent);
      case Phase.Arriving(PartialBlob _, FetchPlan plan) -> plan.want(extent);
      case Phase.Complete _, Phase.Failed _ -> {}
    }
  }

  /** The store's copy; empty if it is not complete. Under the lock. */
  Optional<BlobSource> complete() {
    return phase instanceof Phase.Complete(BlobInfo _, BlobSource source)
        ? Optional.of(source)
        : Optional.empty();
  }

  /** Waits, under the lock, until a byte can be read; false if that takes too long. */
  boolean awaitByte(ArrivingReader reader, long position, long nanos) throws InterruptedException {
    long left = nanos;
    while (true) {
      switch (phase) {
        case Phase.Complete _ -> {
          return true;
        }
        case Phase.Failed(RuntimeException cause) -> throw cause;
        case Phase.Arriving(PartialBlob _, FetchPlan plan)
            when reader.readable(position, plan.presentFrom(position)) > 0 -> {
          return true;
        }
        case Phase.Opening _, Phase.Arriving _ -> reader.stoppedAt(position);
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

  /** Reads from the partial blob; 0 if the byte is not, or no longer, in it. */
  int readBack(ArrivingReader reader, ByteBuffer target, long position) {
    handle.readLock().lock();
    try {
      if (!(phase instanceof Phase.Arriving(PartialBlob partial, FetchPlan plan))) {
        return 0;
      }
      long readable = locked(() -> reader.readable(position, plan.presentFrom(position)));
      var window = target.slice();
      window.limit((int) Math.min(window.remaining(), readable));
      int count = partial.read(window, position);
      target.position(target.position() + count);
      return count;
    } finally {
      handle.readLock().unlock();
    }
  }

  // --- for those who fetch

  /** Waits until there is something to do that can be done. */
  Work next(Capacity capacity) throws InterruptedException {
    lock.lock();
    try {
      while (true) {
        if (!(phase instanceof Phase.Arriving(PartialBlob _, FetchPlan plan)) || demand.isOver()) {
          return Work.END;
        }
        if (plan.isWhole()) {
          return Work.COMMIT;
        }
        if (capacity.range() && plan.hasWanted()) {
          return Work.RANGE;
        }
        Optional<Work> fill = plan.hasGap() ? demand.fill() : Optional.empty();
        long wait = fill.map(capacity::nanosUntilFill).orElse(LONG);
        if (wait <= 0) {
          return fill.get();
        }
        work.awaitNanos(wait);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Has {@link #next} look again: what can be done has changed. */
  void wake() {
    locked(() -> {
      work.signalAll();
      return waiting;
    });
  }

  /** Whether somebody waits for the whole blob. */
  boolean isDownloaded() {
    return locked(demand::isDownloaded);
  }

  /** Reserves bytes that readers of ranges wait for, at most so many; empty if there are none. */
  Optional<Reservation> reserveWanted(long most) {
    return planned(plan -> plan.reserveWanted(most));
  }

  /** Reserves bytes that are missing, at most so many; empty if there are none. */
  Optional<Reservation> reserveGap(long most) {
    return planned(plan -> plan.reserveGap(demand.cursor(), most));
  }

  /** See {@link FetchPlan#reserveAll}. */
  Optional<Reservation> reserveAll() {
    return planned(FetchPlan::reserveAll);
  }

  /** What is still to come of a reservation: it may have been cut, or the blob have failed. */
  Optional<Extent> rest(Reservation reservation) {
    return planned(plan -> plan.rest(reservation));
  }

  /** Stores the next bytes of a reservation; those that are here already are skipped. */
  void store(Reservation reservation, ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      if (!(locked(() -> phase) instanceof Phase.Arriving(PartialBlob partial, FetchPlan plan))) {
        return;
      }
      long position = locked(() -> plan.position(reservation));
      var next = new Extent(position, position + bytes.remaining());
      Extent gap = locked(() -> plan.gap(next)).orElse(new Extent(next.end(), next.end() + 1));
      int count = (int) (gap.first() - position);
      if (count == 0) {
        count = (int) gap.length();
        partial.write(position, bytes.slice(bytes.position(), count));
      }
      bytes.position(bytes.position() + count);
      advance(plan, reservation, count);
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

  private <T> Optional<T> planned(Function<FetchPlan, Optional<T>> question) {
    return locked(() ->
        phase instanceof Phase.Arriving(PartialBlob _, FetchPlan plan)
            ? question.apply(plan)
            : Optional.empty());
  }
}
