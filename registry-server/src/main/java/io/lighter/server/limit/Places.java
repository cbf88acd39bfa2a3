package io.lighter.server.limit;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Places for work of one kind, of which only so much is done at once. As long as half of them are
 * free, whoever comes gets one. Beyond that nobody gets more than his equal share, client by client
 * and namespace by namespace: so one that asks for everything leaves half to all others.
 *
 * <p>Thread-safe. What is nobody's ({@link Optional#empty}) is work that can wait: it gets places
 * of the first half only.
 */
public final class Places {
  private final String what;
  private final LongAdder refused = new LongAdder();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition freed = lock.newCondition();
  private final Map<String, Integer> clients = new HashMap<>(); // guarded by lock
  private final Map<String, Integer> namespaces = new HashMap<>(); // guarded by lock
  private int taken; // guarded by lock
  private Caps caps; // guarded by lock

  /**
   * How many at most.
   *
   * @param total of all together, at least 1
   * @param client of one client; 0 is any number
   * @param namespace of one namespace; 0 is any number
   */
  public record Caps(int total, int client, int namespace) {}

  /**
   * Places that are all free.
   *
   * @param what is done there, as in "too many ... at once"
   */
  public Places(String what, Caps caps) {
    this.what = what;
    this.caps = caps;
  }

  /** Sets other caps from now on. Who has a place keeps it. */
  public void replace(Caps other) {
    lock.lock();
    try {
      caps = other;
      freed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Number of places that are taken. */
  public int taken() {
    lock.lock();
    try {
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Number of times that somebody was refused. */
  public long refused() {
    return refused.sum();
  }

  /**
   * Takes a place, without waiting for one.
   *
   * @throws LimitException if there is none
   */
  public Place take(Requester requester) {
    return take(Optional.of(requester), Duration.ZERO);
  }

  /**
   * Takes a place, and waits for one if there is none.
   *
   * @throws LimitException if there is none in time
   */
  public Place take(Optional<Requester> requester, Duration patience) {
    lock.lock();
    try {
      long left = patience.toNanos();
      Optional<LimitException> refusal = refusal(requester);
      while (refusal.isPresent() && left > 0) {
        left = freed.awaitNanos(left);
        refusal = refusal(requester);
      }
      if (refusal.isPresent()) {
        refused.increment();
        throw refusal.get();
      }
      taken++;
      requester.ifPresent(who -> {
        clients.merge(who.client(), 1, Integer::sum);
        namespaces.merge(who.namespace(), 1, Integer::sum);
      });
      return new Place(requester);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LimitException.Overloaded("stopped while waiting: too many %s".formatted(what));
    } finally {
      lock.unlock();
    }
  }

  private Optional<LimitException> refusal(Optional<Requester> requester) {
    if (taken >= caps.total()) {
      return Optional.of(
          new LimitException.Overloaded(
              "too many %s at once; %d are done at a time".formatted(what, caps.total())));
    }
    boolean scarce = taken >= (caps.total() + 1) / 2;
    if (requester.isEmpty()) {
      return scarce
          ? Optional.of(new LimitException.Overloaded("too many %s at once".formatted(what)))
          : Optional.empty();
    }
    Requester who = requester.get();
    return exceeded("client", clients, who.client(), caps.client(), scarce)
        .or(() -> exceeded("namespace", namespaces, who.namespace(), caps.namespace(), scarce));
  }

  private Optional<LimitException> exceeded(
      String kind, Map<String, Integer> holders, String name, int cap, boolean scarce) {
    int has = holders.getOrDefault(name, 0);
    int share = scarce ? caps.total() / (holders.size() + (has == 0 ? 1 : 0)) : caps.total();
    int most = Math.max(1, cap == 0 ? share : Math.min(cap, share));
    return has < most
        ? Optional.empty()
        : Optional.of(
            new LimitException.ShareUsed(
                "too many %s at once: this %s has %d, and may have %d now"
                    .formatted(what, kind, has, most),
                Duration.ofSeconds(1)));
  }

  private static void leave(Map<String, Integer> holders, String name) {
    holders.computeIfPresent(name, (_, count) -> count == 1 ? null : count - 1);
  }

  /**
   * A place that is taken until it is closed; closing it again does nothing. Who takes it may hand
   * it to another thread, which then {@link #keep}s it.
   */
  public final class Place implements AutoCloseable {
    private final Optional<Requester> requester;
    private boolean closed; // guarded by lock
    private volatile boolean kept;

    private Place(Optional<Requester> requester) {
      this.requester = requester;
    }

    /** Somebody else closes it. */
    public void keep() {
      kept = true;
    }

    /** Closes it, unless somebody else does. */
    public void closeUnlessKept() {
      if (!kept) {
        close();
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        if (!closed) {
          closed = true;
          taken--;
          requester.ifPresent(who -> {
            leave(clients, who.client());
            leave(namespaces, who.namespace());
          });
          freed.signalAll();
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
