package io.lighter.server.pullthrough;

import io.lighter.server.upstream.StaleReason;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.server.upstream.UpstreamSettings;
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

  /**
   * An upstream as it is configured, or a part of it. With another account, or elsewhere, it is not
   * the one that failed.
   *
   * @param part empty for all of it
   */
  private record Place(UpstreamSettings upstream, String part) {
    @Override
    public String toString() {
      return part.isEmpty() ? upstream.name() : part;
    }
  }

  private final Clock clock;
  private final String what;
  private final Map<Place, Rest> rests = new ConcurrentHashMap<>();

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
  Optional<StaleReason> reason(UpstreamSettings upstream, String part) {
    return reason(all(upstream)).or(() -> reason(new Place(upstream, part)));
  }

  private static Place all(UpstreamSettings upstream) {
    return new Place(upstream, "");
  }

  private Optional<StaleReason> reason(Place place) {
    return Optional.ofNullable(rests.get(place))
        .filter(rest -> clock.instant().isBefore(rest.until()))
        .map(Rest::reason);
  }

  /**
   * Refuses what can only be had from an upstream that wants to be left alone.
   *
   * @throws UpstreamException.RateLimited if it does
   */
  void requireUnlimited(UpstreamSettings upstream) {
    Rest rest = rests.get(all(upstream));
    if (rest != null && rest.reason() == StaleReason.LIMITED) {
      Duration left = Duration.between(clock.instant(), rest.until());
      if (left.isPositive()) {
        throw new UpstreamException.RateLimited(
            "%s limits our requests and is not asked for another %d s"
                .formatted(upstream.name(), left.toSeconds()),
            Optional.of(left));
      }
    }
  }

  /** The upstream let clients wait for too long. */
  void tooSlow(UpstreamSettings upstream, Duration waited) {
    begin(all(upstream), StaleReason.SLOW, REST, "no answer in %d ms".formatted(waited.toMillis()));
  }

  /** The upstream did not answer, or failed at this part. */
  void failed(UpstreamSettings upstream, String part, UpstreamException.Unreachable failure) {
    Place place = new Place(upstream, failure instanceof UpstreamException.Failed ? part : "");
    begin(place, StaleReason.of(failure), REST, String.valueOf(failure.getMessage()));
  }

  /** The upstream wants to be left alone. */
  void limited(UpstreamSettings upstream, UpstreamException.RateLimited failure) {
    Duration wanted = failure.retryAfter().orElse(REST_LIMITED);
    begin(
        all(upstream),
        StaleReason.LIMITED,
        wanted.compareTo(LONGEST_REST) < 0 ? wanted : LONGEST_REST,
        String.valueOf(failure.getMessage()));
  }

  /** The upstream answers, and so does this part of it. */
  void answers(UpstreamSettings upstream, String part) {
    for (Place place : List.of(all(upstream), new Place(upstream, part))) {
      if (rests.remove(place) != null) {
        LOG.info("upstream {} confirms {} again", place, what);
      }
    }
  }

  /** One line in the log when it begins and one when it ends, however many clients ask. */
  private void begin(Place place, StaleReason reason, Duration time, String why) {
    if (rests.size() >= MOST) {
      rests.values().removeIf(rest -> !clock.instant().isBefore(rest.until()));
    }
    if (rests.put(place, new Rest(reason, clock.instant().plus(time))) == null) {
      LOG.warn("upstream {} confirms no {} now: {}", place, what, why);
    }
  }
}
