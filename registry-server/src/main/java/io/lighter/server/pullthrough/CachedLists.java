package io.lighter.server.pullthrough;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lighter.server.upstream.SingleFlight;
import io.lighter.server.upstream.StaleReason;
import io.lighter.server.upstream.UpstreamRegistry;
import io.lighter.server.upstream.UpstreamSettings;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * Lists of upstreams, kept in memory: good for the upstream's {@code tagTtl}, and served stale by
 * its policy. Thread-safe and blocking; the memory is bounded, a restart begins without any.
 *
 * @param <K> names a list
 * @param <E> an entry
 */
final class CachedLists<K, E> {
  private static final long MOST_BYTES = 16L << 20;

  private record Listing<E>(List<E> entries, Instant at) {}

  /** What an upstream lists that is configured otherwise is another list. */
  private record Key<K>(UpstreamSettings upstream, K list) {}

  /**
   * A list.
   *
   * @param entries as upstream had them
   * @param at when it was asked
   * @param stale why it was not asked again, although it was time
   */
  record Found<E>(List<E> entries, Instant at, Optional<StaleReason> stale) {}

  private final Revalidation revalidation;
  private final Clock clock;
  private final Cache<Key<K>, Listing<E>> lists;
  private final SingleFlight<Key<K>, Listing<E>> flights = new SingleFlight<>();

  /**
   * Makes an empty one.
   *
   * @param weigher roughly the bytes that an entry takes
   */
  CachedLists(Revalidation revalidation, Clock clock, ToIntFunction<E> weigher) {
    this.revalidation = revalidation;
    this.clock = clock;
    this.lists =
        Caffeine.newBuilder()
            .maximumWeight(MOST_BYTES)
            .weigher((Key<K> _, Listing<E> list) ->
                256 + list.entries().stream().mapToInt(weigher).sum())
            .executor(Runnable::run)
            .build();
  }

  /**
   * A list as upstream has it, or had it.
   *
   * @param fetch asks upstream for all of it
   * @throws io.lighter.server.upstream.UpstreamException if upstream was needed and did not help
   */
  Found<E> get(UpstreamRegistry upstream, K list, Supplier<List<E>> fetch) {
    var key = new Key<>(upstream.settings(), list);
    String part = list.toString();
    Listing<E> known = lists.getIfPresent(key);
    Supplier<Listing<E>> question =
        () -> revalidation.watched(upstream, part, () -> list(key, fetch));
    if (known == null) {
      return found(revalidation.askNow(upstream, flights, key, question));
    }
    Duration age = Duration.between(known.at(), clock.instant());
    if (!age.isNegative() && age.compareTo(upstream.settings().freshness().tagTtl()) < 0) {
      return found(known);
    }
    return switch (revalidation.ask(upstream, part, age, flights, key, question)) {
      case Revalidation.News.Confirmed<Listing<E>>(var listing) -> found(listing);
      case Revalidation.News.Stale<Listing<E>>(var reason) ->
          new Found<>(known.entries(), known.at(), Optional.of(reason));
    };
  }

  private Listing<E> list(Key<K> key, Supplier<List<E>> fetch) {
    Instant asked = clock.instant();
    var listing = new Listing<>(fetch.get(), asked);
    lists.put(key, listing);
    return listing;
  }

  private static <E> Found<E> found(Listing<E> listing) {
    return new Found<>(listing.entries(), listing.at(), Optional.empty());
  }
}
