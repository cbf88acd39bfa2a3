package io.lighter.server.pullthrough;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lighter.oci.RepositoryName;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.server.upstream.UpstreamObserver;
import io.lighter.server.upstream.UpstreamSettings;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What upstreams did not have, or refused, a moment ago: they are not asked for it again, as they
 * are configured, until the upstream's {@code negativeTtl} has passed. A pod that cannot start asks
 * every few seconds, on every node. What came after all, by another name, is found in the store
 * before anybody asks here.
 *
 * <p>Thread-safe; holds at most {@value #MOST} refusals, which are forgotten in a restart.
 */
final class Refusals {
  private static final int MOST = 10_000;

  /** Of an upstream with another account, or elsewhere, a refusal says nothing. */
  private record Key(UpstreamSettings upstream, RepositoryName repository, String question) {}

  private record Refusal(UpstreamException failure, Instant until) {}

  private final Clock clock;
  private final UpstreamObserver observer;
  private final Cache<Key, Refusal> refusals =
      Caffeine.newBuilder().maximumSize(MOST).executor(Runnable::run).build();

  Refusals(Clock clock, UpstreamObserver observer) {
    this.clock = clock;
    this.observer = observer;
  }

  /**
   * The answer to a question, unless it was refused a moment ago.
   *
   * @param question what is asked for, the same text each time: {@code manifests/latest}
   * @throws UpstreamException.NotFound if it is not there, now or a moment ago
   * @throws UpstreamException.Denied likewise
   */
  <T> T ask(MirroredRepository repository, String question, Supplier<T> call) {
    UpstreamSettings upstream = repository.upstream().settings();
    Duration time = upstream.freshness().negativeTtl();
    var key = new Key(upstream, repository.local(), question);
    UpstreamException known = known(key, time);
    if (known != null) {
      observer.refusedFromMemory(repository.upstream().name());
      throw known;
    }
    try {
      return call.get();
    } catch (UpstreamException.NotFound | UpstreamException.Denied e) {
      if (time.isPositive()) {
        refusals.put(key, new Refusal(e, clock.instant().plus(time)));
      }
      throw e;
    }
  }

  private @Nullable UpstreamException known(Key key, Duration time) {
    Refusal refusal = refusals.getIfPresent(key);
    if (refusal == null) {
      return null;
    }
    // More than the whole time is left after the clock went back.
    Duration left = Duration.between(clock.instant(), refusal.until());
    return left.isPositive() && left.compareTo(time) <= 0 ? refusal.failure() : null;
  }
}
