package io.lighter.server.config;

import io.lighter.server.upstream.StalePolicy;
import io.lighter.server.upstream.StalePolicy.Reaction;
import java.time.Duration;
import java.util.Optional;

/**
 * What is answered from memory while an upstream does not confirm it, as it is configured. What is
 * left out is as in {@link StalePolicy#DEFAULT}; the meaning of each key is there too.
 */
public record StaleConfig(
    Optional<Reaction> unreachable,
    Optional<Reaction> slow,
    Optional<Reaction> limited,
    Optional<Reaction> error,
    Optional<Reaction> denied,
    Optional<Reaction> missing,
    Optional<Duration> patience,
    Optional<Duration> maxAge) {

  StalePolicy policy() {
    StalePolicy other = StalePolicy.DEFAULT;
    return new StalePolicy(
        unreachable.orElse(other.unreachable()),
        slow.orElse(other.slow()),
        limited.orElse(other.limited()),
        error.orElse(other.error()),
        denied.orElse(other.denied()),
        missing.orElse(other.missing()),
        patience.orElse(other.patience()),
        maxAge.or(other::maxAge));
  }
}
