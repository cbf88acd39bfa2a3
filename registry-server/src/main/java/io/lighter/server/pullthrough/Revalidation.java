package io.lighter.server.pullthrough;

import io.lighter.server.upstream.SingleFlight;
import io.lighter.server.upstream.StalePolicy;
import io.lighter.server.upstream.StaleReason;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.server.upstream.UpstreamObserver;
import io.lighter.server.upstream.UpstreamRegistry;
import io.lighter.server.upstream.UpstreamSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Asks an upstream for news of something that is known, for as long as its {@link StalePolicy} lets
 * a client wait, and decides what he gets if there are none. Thread-safe and blocking.
 */
record Revalidation(Rests rests, UpstreamObserver observer) {

  /** What came of asking. */
  sealed interface News<T> {
    /** Upstream says so now. */
    record Confirmed<T>(T value) implements News<T> {}

    /** Upstream says nothing, or nothing that counts: what is known is served. */
    record Stale<T>(StaleReason reason) implements News<T> {}
  }

  /**
   * Asks about something that is known.
   *
   * @param part name of what a server error would be taken to say something of
   * @param age time since it was last confirmed
   * @param flights joins those who ask for the same
   * @param question asks upstream; to be {@linkplain #watched watched}
   * @throws UpstreamException if upstream does not confirm and the policy does not serve it then
   */
  <K, V> News<V> ask(
      UpstreamRegistry upstream,
      String part,
      Duration age,
      SingleFlight<K, V> flights,
      K key,
      Supplier<V> question) {
    StalePolicy policy = upstream.settings().freshness().stale();
    Optional<StaleReason> resting = rests.reason(upstream.settings(), part);
    if (resting.isPresent() && policy.serves(resting.get(), age)) {
      return stale(upstream, resting.get());
    }
    try {
      if (!policy.serves(StaleReason.SLOW, age)) {
        return new News.Confirmed<>(askNow(upstream, flights, key, question));
      }
      rests.requireUnlimited(upstream.settings());
      Optional<V> answer = flights.get(key, question, policy.patience());
      if (answer.isPresent()) {
        return new News.Confirmed<>(answer.get());
      }
      rests.tooSlow(upstream.settings(), policy.patience());
      return stale(upstream, StaleReason.SLOW);
    } catch (UpstreamException e) {
      StaleReason reason = StaleReason.of(e);
      if (policy.serves(reason, age)) {
        return stale(upstream, reason);
      }
      throw e;
    }
  }

  /** Asks about something that is not known, and waits as long as it takes. */
  <K, V> V askNow(
      UpstreamRegistry upstream, SingleFlight<K, V> flights, K key, Supplier<V> question) {
    rests.requireUnlimited(upstream.settings());
    return flights.get(key, question);
  }

  /** Asks upstream, and notes whether it is to be left alone afterwards. */
  <V> V watched(UpstreamRegistry upstream, String part, Supplier<V> question) {
    UpstreamSettings settings = upstream.settings();
    try {
      V answer = question.get();
      rests.answers(settings, part);
      return answer;
    } catch (UpstreamException e) {
      switch (e) {
        case UpstreamException.NotFound _, UpstreamException.Denied _ ->
            rests.answers(settings, part);
        case UpstreamException.RateLimited limited -> rests.limited(settings, limited);
        case UpstreamException.Unreachable failed -> rests.failed(settings, part, failed);
        case UpstreamException.Invalid _ -> {}
      }
      throw e;
    }
  }

  /** Whether an upstream, or this part of it, is left alone now. */
  boolean rests(UpstreamRegistry upstream, String part) {
    return rests.reason(upstream.settings(), part).isPresent();
  }

  private <V> News<V> stale(UpstreamRegistry upstream, StaleReason reason) {
    observer.answeredStale(upstream.name(), reason);
    return new News.Stale<>(reason);
  }
}
