package io.lighter.server.convert;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.ConversionStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Images that wait for conversion. Every job is durable before it is offered to a worker, and stays
 * so until its result is published or it is parked: a restart takes up all that was left.
 *
 * <p>The image that was wanted last is the next: it is what nodes start now, and will ask for by
 * ranges in a minute, while an image that has waited for long can wait longer. Each {@value
 * #TURN_OF_THE_OLDEST}th job is the one that has waited longest, so that a stream of pushes that is
 * faster than the workers leaves nothing behind for ever.
 *
 * <p>Thread-safe. {@link #offer} and the others block for a synced write, {@link #take} for work.
 */
public final class ConversionQueue {
  private static final int TURN_OF_THE_OLDEST = 4;

  private final ConversionStore store;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Image, Waiting> waiting = new HashMap<>(); // guarded by lock
  private final Map<Image, Running> running = new LinkedHashMap<>(); // guarded by lock
  private long wants; // guarded by lock
  private long takes; // guarded by lock

  /**
   * A job in the hands of a worker.
   *
   * @param job the job
   * @param postponements how often in a row it could not be done for a reason that passes
   * @param obstacle that reason, or why the last attempt failed; empty if there was none
   */
  record Ticket(ConversionJob job, int postponements, String obstacle) {
    Ticket(ConversionJob job) {
      this(job, 0, job.reason());
    }
  }

  /**
   * An image that waits, or is being converted.
   *
   * @param job its job
   * @param running whether a worker has it
   * @param since when that worker took it; for others the time before which none does
   * @param reason why it was not converted before; empty if it was not tried
   */
  public record Queued(ConversionJob job, boolean running, Instant since, String reason) {}

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

  private record Running(Ticket ticket, Instant since) {}

  /**
   * A queue with every job that the store has pending. Parked ones are forgotten, so that an image
   * which failed under an older version gets another chance when it is pulled.
   */
  public ConversionQueue(ConversionStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
    store.jobs(ConversionJob.State.PARKED).forEach(store::drop);
    store.jobs(ConversionJob.State.PENDING).forEach(job -> add(new Ticket(job), Duration.ZERO));
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
      add(new Ticket(job), Duration.ZERO);
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
          Image image = Image.of(next.ticket().job());
          waiting.remove(image);
          takes++;
          running.put(image, new Running(next.ticket(), clock.instant()));
          return next.ticket();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Of those that are due the one whose turn it is, else the one that is due first. */
  private @Nullable Waiting next(long now) {
    boolean oldest = (takes + 1) % TURN_OF_THE_OLDEST == 0;
    Waiting best = null;
    for (Waiting each : waiting.values()) {
      if (best == null || isBefore(each, best, oldest, now)) {
        best = each;
      }
    }
    return best;
  }

  private static boolean isBefore(Waiting one, Waiting other, boolean oldest, long now) {
    if (one.dueMillis() <= now && other.dueMillis() <= now) {
      return oldest ? one.wanted() < other.wanted() : one.wanted() > other.wanted();
    }
    return one.dueMillis() < other.dueMillis();
  }

  /** Puts a job back that could not be done now for a reason that passes. That is no attempt. */
  void postpone(Ticket ticket, Duration delay, String reason) {
    add(new Ticket(ticket.job(), ticket.postponements() + 1, reason), delay);
  }

  /** Puts a job back that failed, and counts the attempt. */
  void retry(Ticket ticket, Duration delay, String reason) {
    ConversionJob next = ticket.job().failed(ConversionJob.State.PENDING, reason);
    store.update(next);
    add(new Ticket(next), delay);
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

  /** No worker has this job any more. */
  void ended(Ticket ticket) {
    lock.lock();
    try {
      // By now another worker may have the same image again.
      running.computeIfPresent(
          Image.of(ticket.job()), (_, taken) -> taken.ticket().equals(ticket) ? null : taken);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Has an image converted again, also one that is parked; what became of its layers is kept.
   *
   * @return false if it waits already, or is being converted
   */
  public boolean again(RepositoryName repository, Digest image) {
    store.jobs(ConversionJob.State.PARKED).stream()
        .filter(job -> job.repository().equals(repository) && job.image().equals(image))
        .forEach(store::drop);
    return offer(repository, image);
  }

  /**
   * What is being converted, then what waits, the image that was wanted last first.
   *
   * @param limit at most this many
   */
  public List<Queued> queued(int limit) {
    var taken = new ArrayList<Running>();
    var rest = new ArrayList<Waiting>();
    long now = clock.millis();
    lock.lock();
    try {
      taken.addAll(running.values());
      rest.addAll(waiting.values());
    } finally {
      lock.unlock();
    }
    rest.sort((one, other) -> {
      if (isBefore(one, other, false, now)) {
        return -1;
      }
      return isBefore(other, one, false, now) ? 1 : 0;
    });
    return Stream.concat(
            taken.stream().map(each -> of(each.ticket(), true, each.since())),
            rest.stream()
                .map(each -> of(each.ticket(), false, Instant.ofEpochMilli(each.dueMillis()))))
        .limit(limit)
        .toList();
  }

  private static Queued of(Ticket ticket, boolean running, Instant since) {
    return new Queued(ticket.job(), running, since, ticket.obstacle());
  }

  /** Images that are being converted. */
  public int running() {
    lock.lock();
    try {
      return running.size();
    } finally {
      lock.unlock();
    }
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
