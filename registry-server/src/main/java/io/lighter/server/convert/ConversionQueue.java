package io.lighter.server.convert;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.ConversionStore;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Images that wait for conversion. Every job is durable before it is offered to a worker, and stays
 * so until its result is published or it is parked: a restart takes up all that was left.
 *
 * <p>The image that was wanted last is the next: it is what nodes start now, and will ask for by
 * ranges in a minute, while an image that has waited for long can wait longer. Nothing is left
 * behind for ever that anybody still pulls, because each pull puts its image in front again.
 *
 * <p>Thread-safe. {@link #offer} and the others block for a synced write, {@link #take} for work.
 */
public final class ConversionQueue {
  private final ConversionStore store;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Image, Waiting> waiting = new HashMap<>(); // guarded by lock
  private long wants; // guarded by lock

  /**
   * A job in the hands of a worker.
   *
   * @param job the job
   * @param postponements how often in a row it could not be done for a reason that passes
   */
  record Ticket(ConversionJob job, int postponements) {}

  private record Image(RepositoryName repository, Digest digest) {
    static Image of(ConversionJob job) {
      return new Image(job.repository(), job.image());
    }
  }

  /**
   * A job that waits.
   *
   * @param wanted grows with each time that an image is wanted
   * @param dueMillis not before this
   */
  private record Waiting(Ticket ticket, long wanted, long dueMillis) {}

  /**
   * A queue with every job that the store has pending. Parked ones are forgotten, so that an image
   * which failed under an older version gets another chance when it is pulled.
   */
  public ConversionQueue(ConversionStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
    store.jobs(ConversionJob.State.PARKED).forEach(store::drop);
    store.jobs(ConversionJob.State.PENDING).forEach(job -> add(new Ticket(job, 0), Duration.ZERO));
  }

  /**
   * Adds an image unless it is queued or parked. One that waits already is in front now. Returns
   * whether it was added.
   */
  public boolean offer(RepositoryName repository, Digest image) {
    if (prefer(repository, image)) {
      return false;
    }
    var job = ConversionJob.first(repository, image, clock.instant());
    boolean added = store.enqueue(job);
    if (added) {
      add(new Ticket(job, 0), Duration.ZERO);
    }
    return added;
  }

  /** Puts an image in front of all others if it waits, and says whether it does. Never blocks. */
  boolean prefer(RepositoryName repository, Digest image) {
    lock.lock();
    try {
      Waiting again =
          waiting.computeIfPresent(
              new Image(repository, image),
              (_, old) -> new Waiting(old.ticket(), ++wants, old.dueMillis()));
      return again != null;
    } finally {
      lock.unlock();
    }
  }

  /** The next job; waits until there is one. */
  Ticket take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (true) {
        long now = clock.millis();
        Waiting next = next(now);
        if (next == null) {
          changed.await();
        } else if (next.dueMillis() > now) {
          var _ = changed.await(next.dueMillis() - now, TimeUnit.MILLISECONDS);
        } else {
          waiting.remove(Image.of(next.ticket().job()));
          return next.ticket();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Of those that are due the one that was wanted last, else the one that is due first. */
  private @Nullable Waiting next(long now) {
    Waiting best = null;
    for (Waiting each : waiting.values()) {
      if (best == null || isBefore(each, best, now)) {
        best = each;
      }
    }
    return best;
  }

  private static boolean isBefore(Waiting one, Waiting other, long now) {
    if (one.dueMillis() <= now && other.dueMillis() <= now) {
      return one.wanted() > other.wanted();
    }
    return one.dueMillis() < other.dueMillis();
  }

  /** Puts a job back that could not be done now for a reason that passes. That is no attempt. */
  void postpone(Ticket ticket, Duration delay) {
    add(new Ticket(ticket.job(), ticket.postponements() + 1), delay);
  }

  /** Puts a job back that failed, and counts the attempt. */
  void retry(Ticket ticket, Duration delay, String reason) {
    ConversionJob next = ticket.job().failed(ConversionJob.State.PENDING, reason);
    store.update(next);
    add(new Ticket(next, 0), delay);
  }

  private void add(Ticket ticket, Duration delay) {
    long due = clock.millis() + delay.toMillis();
    lock.lock();
    try {
      waiting.put(Image.of(ticket.job()), new Waiting(ticket, ++wants, due));
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Gives a job up until the next start; the image stays as it is. */
  void park(Ticket ticket, String reason) {
    store.update(ticket.job().failed(ConversionJob.State.PARKED, reason));
  }

  /** Forgets a job that there is nothing to do for now; its image may be offered again. */
  void drop(Ticket ticket) {
    store.drop(ticket.job());
  }

  /** Number of jobs that wait, those that wait for their next attempt included. */
  public int backlog() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }
}
