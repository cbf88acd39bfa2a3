package io.lighter.server.limit;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Whether there is more to do than can be done, as seen by how long work waits, and what is given
 * up then: first what nobody's container waits for, at last all that is not in memory. Thread-safe;
 * never blocks.
 */
public final class Load {
  /** So many times the target makes it severe. */
  private static final int SEVERE = 4;

  /** Fewer requests say nothing: a pause of the collector would do. */
  private static final int ENOUGH_REQUESTS = 4;

  /**
   * Event loops are looked at all the time, and a late one less often. After a pause of the
   * collector the next look is on time.
   */
  private static final int ENOUGH_LOOKS = 1;

  private final QueueDelay loops;
  private final QueueDelay threads;
  private final LongAdder refused = new LongAdder();
  private volatile Duration target;

  /** What something is worth while there is too much to do, the least first. */
  public enum Worth {
    /** A push that begins, a list: who asks can as well ask later. */
    LEAST,
    /** A pull of what has to be looked up or fetched: somebody's start may wait for it. */
    MORE,
    /** What goes on with something that was begun: to refuse it would waste what was done. */
    MOST
  }

  /**
   * No load yet.
   *
   * @param target how long work may wait; zero for any time
   */
  public Load(Duration target, LongSupplier nanoTime) {
    this.target = target;
    this.loops = new QueueDelay(ENOUGH_LOOKS, nanoTime);
    this.threads = new QueueDelay(ENOUGH_REQUESTS, nanoTime);
  }

  /** Sets another target from now on. */
  public void replace(Duration other) {
    target = other;
  }

  /** How late the event loops come to what they have to do. */
  public QueueDelay loops() {
    return loops;
  }

  /** How long requests wait for a thread. */
  public QueueDelay threads() {
    return threads;
  }

  /** Number of times that somebody was refused. */
  public long refused() {
    return refused.sum();
  }

  /**
   * Lets work through that is worth it now.
   *
   * @throws LimitException.Overloaded if it is not
   */
  public void require(Worth worth) {
    long most = target.toNanos();
    if (most == 0 || worth == Worth.MOST) {
      return;
    }
    long delay = Math.max(loops.delay().toNanos(), threads.delay().toNanos());
    if (delay > (worth == Worth.LEAST ? most : SEVERE * most)) {
      refused.increment();
      throw new LimitException.Overloaded(
          "requests wait for %d ms here, and %d ms is what they may (limits.queueDelay)"
              .formatted(delay / 1_000_000, most / 1_000_000));
    }
  }
}
