package io.lighter.server.upstream;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps callers from waiting, one after the other, for an upstream that does not answer. It opens
 * after failures in a row: then questions fail at once, and one is let through when the rest is
 * over. Each failure of that one doubles the rest. Any answer, of whatever status, closes it.
 *
 * <p>Thread-safe.
 */
final class CircuitBreaker {
  private static final Logger LOG = LoggerFactory.getLogger(CircuitBreaker.class);

  /** As often as one question is tried: a connection that breaks once is nothing. */
  static final int FAILURES = 3;

  static final Duration FIRST_REST = Duration.ofSeconds(1);
  static final Duration LONGEST_REST = Duration.ofSeconds(30);

  /** How a request failed without an answer. */
  enum Failure {
    /** At once, such as a refused connection. */
    BROKEN,
    /** After a wait, which nobody else shall have. */
    SILENT
  }

  private final String upstream;
  private final LongSupplier nanoTime;
  private int inARow; // guarded by this
  private boolean open; // guarded by this
  private boolean trial; // whether one is under way that decides; guarded by this
  private Duration rest = FIRST_REST; // guarded by this
  private long until; // guarded by this

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  CircuitBreaker(String upstream, LongSupplier nanoTime) {
    this.upstream = upstream;
    this.nanoTime = nanoTime;
  }

  /**
   * To be called before a question. Each call that returns is followed by {@link #answered} or one
   * of the others.
   *
   * @throws UpstreamException.Unreachable if upstream is not to be asked now
   */
  synchronized void enter() {
    if (!open) {
      return;
    }
    long left = until - nanoTime.getAsLong();
    if (trial || left > 0) {
      throw new UpstreamException.Unreachable(
          "%s did not answer before; it is asked again in %d ms"
              .formatted(upstream, Math.max(0, Duration.ofNanos(left).toMillis())),
          null);
    }
    trial = true;
  }

  /** The question was answered. */
  synchronized void answered() {
    if (open) {
      LOG.info("upstream {} answers again", upstream);
    }
    open = false;
    trial = false;
    inARow = 0;
    rest = FIRST_REST;
  }

  /** The question was not answered. */
  synchronized void failed(Failure how) {
    inARow++;
    if (open) {
      if (trial) {
        trial = false;
        rest = min(rest.multipliedBy(2), LONGEST_REST);
        until = nanoTime.getAsLong() + rest.toNanos();
      }
    } else if (how == Failure.SILENT || inARow >= FAILURES) {
      LOG.warn("upstream {} does not answer; it is asked less until it does", upstream);
      open = true;
      until = nanoTime.getAsLong() + rest.toNanos();
    }
  }

  /** The question was given up here: that says nothing about upstream. */
  synchronized void abandoned() {
    trial = false;
  }

  /** How long it is until upstream is asked again; empty unless questions fail at once. */
  synchronized Optional<Duration> rest() {
    return open
        ? Optional.of(Duration.ofNanos(Math.max(0, until - nanoTime.getAsLong())))
        : Optional.empty();
  }

  /** Whether questions fail at once. */
  synchronized boolean isOpen() {
    return open;
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
