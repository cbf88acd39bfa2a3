package io.lighter.server.upstream;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How many connections to one upstream there are at most, and who gets the next one. What is more
 * urgent goes first, and what is less urgent cannot take all: a quarter is kept from downloads, and
 * background work gets an eighth.
 *
 * <p>Thread-safe.
 */
final class ConnectionBudget {
  private final String upstream;
  private final int all;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition released = lock.newCondition();
  private final Map<Priority, Integer> used = new EnumMap<>(Priority.class); // guarded by lock
  private final Map<Priority, Integer> waiting = new EnumMap<>(Priority.class); // guarded by lock

  /**
   * @param upstream for messages
   * @param all cap on connections, at least 2
   */
  ConnectionBudget(String upstream, int all) {
    this.upstream = upstream;
    this.all = all;
    for (var priority : Priority.values()) {
      used.put(priority, 0);
      waiting.put(priority, 0);
    }
  }

  /**
   * Waits for a connection.
   *
   * @throws UpstreamException.Unreachable if none was free in time
   */
  UpstreamConnection take(Priority priority, Duration patience) {
    lock.lock();
    try {
      await(priority, patience.toNanos());
      used.merge(priority, 1, Integer::sum);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UpstreamException.Unreachable(
          "stopped while waiting for a connection to " + upstream, e);
    } finally {
      lock.unlock();
    }
    var open = new AtomicBoolean(true);
    return () -> {
      if (open.compareAndSet(true, false)) {
        release(priority);
      }
    };
  }

  /** Connections that each priority has now. */
  Map<Priority, Integer> used() {
    lock.lock();
    try {
      return Map.copyOf(used);
    } finally {
      lock.unlock();
    }
  }

  /** How many wait for a connection. */
  int waiting() {
    lock.lock();
    try {
      return waiting.values().stream().mapToInt(Integer::intValue).sum();
    } finally {
      lock.unlock();
    }
  }

  private void await(Priority priority, long nanos) throws InterruptedException {
    waiting.merge(priority, 1, Integer::sum);
    try {
      long left = nanos;
      while (!hasRoom(priority) || isOvertaken(priority)) {
        if (left <= 0) {
          throw new UpstreamException.Unreachable(
              "all %d connections to %s are busy".formatted(all, upstream), null);
        }
        left = released.awaitNanos(left);
      }
    } finally {
      waiting.merge(priority, -1, Integer::sum);
      released.signalAll(); // Those who stood behind this one.
    }
  }

  private void release(Priority priority) {
    lock.lock();
    try {
      used.merge(priority, -1, Integer::sum);
      released.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean hasRoom(Priority priority) {
    int total = used.values().stream().mapToInt(Integer::intValue).sum();
    int background = used(Priority.BACKGROUND);
    return switch (priority) {
      case QUESTION, RANGE -> total < all;
      case DOWNLOAD -> total < all && used(Priority.DOWNLOAD) + background < downloads();
      case BACKGROUND ->
          total < all
              && used(Priority.DOWNLOAD) + background < downloads()
              && background < Math.max(1, all / 8);
    };
  }

  private int downloads() {
    return all - Math.max(1, all / 4);
  }

  /** Whether somebody more urgent waits and could go. */
  private boolean isOvertaken(Priority priority) {
    for (var other : Priority.values()) {
      if (other.compareTo(priority) < 0 && waiting.getOrDefault(other, 0) > 0 && hasRoom(other)) {
        return true;
      }
    }
    return false;
  }

  private int used(Priority priority) {
    return used.getOrDefault(priority, 0);
  }
}
