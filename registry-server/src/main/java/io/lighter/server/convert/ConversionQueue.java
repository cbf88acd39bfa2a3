package io.lighter.server.convert;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.ConversionStore;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.TimeUnit;

/**
 * Images that wait for conversion. Every job is durable before it is offered to a worker, and stays
 * so until its result is published or it is parked: a restart takes up all that was left.
 *
 * <p>Thread-safe. {@link #offer} and the others block for a synced write, {@link #take} for work.
 */
public final class ConversionQueue {
  private final ConversionStore store;
  private final Clock clock;
  private final DelayQueue<Entry> ready = new DelayQueue<>();

  /**
   * A queue with every job that the store has pending. Parked ones are forgotten, so that an image
   * which failed under an older version gets another chance when it is pulled.
   */
  public ConversionQueue(ConversionStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
    store.jobs(ConversionJob.State.PARKED).forEach(store::drop);
    for (ConversionJob job : store.jobs(ConversionJob.State.PENDING)) {
      ready.add(new Entry(job, clock.millis(), clock));
    }
  }

  /** Adds an image unless it is queued or parked. Returns whether it was added. */
  public boolean offer(RepositoryName repository, Digest image) {
    var job = ConversionJob.first(repository, image, clock.instant());
    boolean added = store.enqueue(job);
    if (added) {
      ready.add(new Entry(job, clock.millis(), clock));
    }
    return added;
  }

  /** The next job; waits until there is one. */
  ConversionJob take() throws InterruptedException {
    return ready.take().job;
  }

  /** Puts a job back that could not be done now. */
  void retry(ConversionJob job, Duration delay, String reason) {
    var next = job.failed(ConversionJob.State.PENDING, reason);
    store.update(next);
    ready.add(new Entry(next, clock.millis() + delay.toMillis(), clock));
  }

  /** Gives a job up until the next start; the image stays as it is. */
  void park(ConversionJob job, String reason) {
    store.update(job.failed(ConversionJob.State.PARKED, reason));
  }

  /** Forgets a job that there is nothing to do for now; its image may be offered again. */
  void drop(ConversionJob job) {
    store.drop(job);
  }

  /** Number of jobs that wait, those that wait for their next attempt included. */
  public int backlog() {
    return ready.size();
  }

  private record Entry(ConversionJob job, long dueMillis, Clock clock) implements Delayed {

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(dueMillis - clock.millis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.MILLISECONDS), other.getDelay(TimeUnit.MILLISECONDS));
    }
  }
}
