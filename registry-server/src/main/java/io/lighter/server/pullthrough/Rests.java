package io.lighter.server.pullthrough;

import io.lighter.server.upstream.StaleReason;
import io.lighter.server.upstream.UpstreamException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which upstreams are left alone for a while, because one question was too many: nobody else shall
 * wait for an upstream that is down, and one that limits us is not to be pressed. A server error
 * says something of one part of an upstream only: what else is asked for may be well. Thread-safe,
 * never blocks.
 */
final class Rests {
  private static final Logger LOG = LoggerFactory.getLogger(Rests.class);
  private static final Duration REST = Duration.ofSeconds(10);
  private static final Duration REST_LIMITED = Duration.ofSeconds(30);
  private static final Duration LONGEST_REST = Duration.ofMinutes(5);

  /** Beyond this, rests that are over are forgotten: in an open world names are many. */
  private static final int MOST = 1000;

  private record Rest(StaleReason reason, Instant until) {}

  private final Clock clock;
  private final String what;
  private final Map<String, Rest> rests = new ConcurrentHashMap<>();

  /**
   * Makes one of which every upstream is awake.
   *
   * @param what upstreams are asked to confirm, in the plural, for the log
   */
  Rests(Clock clock, String what) {
    this.clock = clock;
    this.what = what;
  }

  /** Why the upstream, or this part of it, is left alone now; empty if it is not. */
  Optional<StaleReason> reason(String upstream, String part) {
    return reason(upstream).or(() -> reason(part));
  }

  private Optional<StaleReason> reason(String name) {
    return Optional.ofNullable(rests.get(name))
        .filter(rest -> clock.instant().isBefore(rest.until()))
        .map(Rest::reason);
  }

  /**
   * Refuses what can only be had from an upstream that wants to be left alone.
   *
   * @throws UpstreamException.RateLimited if it does
   */
  void requireUnlimited(String upstream) {
    Rest rest = rests.get(upstream);
    if (rest != null && rest.reason() == StaleReason.LIMITED) {
      Duration left = Duration.between(clock.instant(), rest.until());
      if (left.isPositive()) {
        throw new UpstreamException.RateLimited(
            "%s limits our requests and is not asked for another %d s"
                .formatted(upstream, left.toSeconds()),
            Optional.of(left));
      }
    }
  }

  /** The upstream let clients wait for too long. */
  void tooSlow(String upstream, Duration waited) {
    begin(upstream, StaleReason.SLOW, REST, "no answer in %d ms".formatted(waited.toMillis()));
  }

  /** The upstream did not answer, or failed at this part. */
  void failed(String upstream, String part, UpstreamException.Unreachable failure) {
    String name = failure instanceof UpstreamException.Failed ? part : upstream;
    begin(name, StaleReason.of(failure), REST, String.valueOf(failure.getMessage()));
  }

  /** The upstream wants to be left alone. */
  void limited(String upstream, UpstreamException.RateLimited failure) {
    Duration wanted = failure.retryAfter().orElse(REST_LIMITED);
    begin(
        upstream,
        StaleReason.LIMITED,
        wanted.compareTo(LONGEST_REST) < 0 ? wanted : LONGEST_REST,
        String.valueOf(failure.getMessage()));
  }

  /** The upstream answers, and so does this part of it. */
  void answers(String upstream, String part) {
    for (String name : List.of(upstream, part)) {
      if (rests.remove(name) != null) {
        LOG.info("upstream {} confirms {} again", name, what);
      }
    }
  }

  /** One line in the log when it begins and one when it ends, however many clients ask. */
  private void begin(String name, StaleReason reason, Duration time, String why) {
    if (rests.size() >= MOST) {
      rests.values().removeIf(rest -> !clock.instant().isBefore(rest.until()));
    }
    if (rests.put(name, new Rest(reason, clock.instant().plus(time))) == null) {
      LOG.warn("upstream {} confirms no {} now: {}", name, what, why);
    }
  }
}
