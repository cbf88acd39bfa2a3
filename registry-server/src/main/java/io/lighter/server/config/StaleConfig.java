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
    @Key(value = "while it cannot be reached", shown = "`serve`") Optional<Reaction> unreachable,
    @Key(value = "while it is slower than `patience`", shown = "`serve`") Optional<Reaction> slow,
    @Key(value = "while it answers 429", shown = "`serve`") Optional<Reaction> limited,
    @Key(value = "while it answers with server errors or nonsense", shown = "`serve`")
        Optional<Reaction> error,
    @Key(value = "while it answers 401 or 403", shown = "`refuse`") Optional<Reaction> denied,
    @Key(value = "while it answers 404", shown = "`refuse`") Optional<Reaction> missing,
    @Key(
            value = "how long a known tag waits for upstream before it is slow; more than 0",
            shown = "`3s`")
        Optional<Duration> patience,
    @Key(
            value = "nothing is served whose last confirmation is so long ago; more than 0",
            shown = "no limit")
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
