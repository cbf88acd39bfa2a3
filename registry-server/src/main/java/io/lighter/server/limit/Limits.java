package io.lighter.server.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * How many requests and bytes in a second one client, and one namespace, may have. What is known of
 * each is forgotten when it did not come for a while; then it begins anew with its burst. The
 * memory this needs is bounded, whoever invents names. Thread-safe; never blocks.
 */
public final class Limits {
  private static final int MAX_KNOWN = 10_000;
  private static final Duration FORGET = Duration.ofMinutes(10);

  /** What a client may have at once after a pause: the requests of so many seconds. */
  private static final int BURST_SECONDS = 2;

  /** So many bytes go at once: less than a piece would only cost timers. */
  private static final long LEAST_BURST = 256 * 1024;

  private final LongSupplier nanoTime;
  private final LongAdder refused = new LongAdder();
  private volatile State state;

  /**
   * What one may have in a second; 0 is any number.
   *
   * @param requests how many
   * @param bandwidth how many bytes of bodies, in both directions together
   */
  public record Rate(int requests, long bandwidth) {
    /** As much as there is. */
    public static final Rate ANY = new Rate(0, 0);

    private boolean isAny() {
      return requests == 0 && bandwidth == 0;
    }
  }

  /** Limits of these rates. */
  public Limits(Rate client, Rate namespace, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.state = new State(client, namespace);
  }

  /** Sets other rates from now on. Everybody begins with his burst. */
  public void replace(Rate client, Rate namespace) {
    state = new State(client, namespace);
  }

  /** Whether anything is limited at all. */
  public boolean active() {
    return state.active;
  }

  /** Number of requests that were refused. */
  public long refused() {
    return refused.sum();
  }

  /**
   * Counts a request, unless it is one too many.
   *
   * @return whether it may go on
   */
  public boolean tryAdmit(Requester requester) {
    return state.nanosUntilAdmitted(requester) == 0;
  }

  /**
   * The same, for whoever tells the client.
   *
   * @throws LimitException.ShareUsed if it is one too many
   */
  public void admit(Requester requester) {
    long wait = state.nanosUntilAdmitted(requester);
    if (wait > 0) {
      refused.increment();
      throw new LimitException.ShareUsed(
          "more requests than the %s in a second that one client or namespace may have; come back later"
              .formatted(state.requests(requester)),
          Duration.ofNanos(wait));
    }
  }

  /** How fast bytes may go there. */
  public Pace pace(Requester requester) {
    return state.pace(requester);
  }

  private final class State {
    private final Rate client;
    private final Rate namespace;
    private final boolean active;
    private final Cache<String, Meters> clients;
    private final Cache<String, Meters> namespaces;

    State(Rate client, Rate namespace) {
      this.client = client;
      this.namespace = namespace;
      this.active = !client.isAny() || !namespace.isAny();
      this.clients = cache();
      this.namespaces = cache();
    }

    private static Cache<String, Meters> cache() {
      return Caffeine.newBuilder().maximumSize(MAX_KNOWN).expireAfterAccess(FORGET).build();
    }

    private List<Meters> meters(Requester requester) {
      var all = new ArrayList<Meters>(2);
      if (!client.isAny()) {
        all.add(clients.get(requester.client(), _ -> Meters.of(client, nanoTime)));
      }
      if (!namespace.isAny() && !requester.namespace().isEmpty()) {
        all.add(namespaces.get(requester.namespace(), _ -> Meters.of(namespace, nanoTime)));
      }
      return all;
    }

    /** Looks at all before it takes of any; several at once may take one more each. */
    long nanosUntilAdmitted(Requester requester) {
      if (!active) {
        return 0;
      }
      List<Meters> all = meters(requester);
      long wait = 0;
      for (Meters each : all) {
        for (Meter meter : each.requests()) {
          wait = Math.max(wait, meter.nanosUntilOne());
        }
      }
      if (wait == 0) {
        for (Meters each : all) {
          for (Meter meter : each.requests()) {
            meter.take(1);
          }
        }
      }
      return wait;
    }

    Pace pace(Requester requester) {
      if (client.bandwidth() == 0 && namespace.bandwidth() == 0) {
        return Pace.FREE;
      }
      return new Pace(meters(requester).stream().flatMap(each -> each.bytes().stream()).toList());
    }

    int requests(Requester requester) {
      boolean byNamespace =
          namespace.requests() > 0
              && !requester.namespace().isEmpty()
              && (client.requests() == 0 || namespace.requests() < client.requests());
      return byNamespace ? namespace.requests() : client.requests();
    }
  }

  /** Of one client or namespace; none or one of each. */
  private record Meters(List<Meter> requests, List<Meter> bytes) {
    static Meters of(Rate rate, LongSupplier nanoTime) {
      return new Meters(
          rate.requests() == 0
              ? List.of()
              : List.of(
                  new Meter(rate.requests(), (double) rate.requests() * BURST_SECONDS, nanoTime)),
          rate.bandwidth() == 0
              ? List.of()
              : List.of(
                  new Meter(
                      rate.bandwidth(), Math.max(LEAST_BURST, rate.bandwidth() / 10), nanoTime)));
    }
  }
}
