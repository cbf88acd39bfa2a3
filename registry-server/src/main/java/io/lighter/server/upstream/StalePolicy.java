package io.lighter.server.upstream;

import java.time.Duration;
import java.util.Optional;

/**
 * What is answered from memory while an upstream does not confirm it: one decision for each reason.
 *
 * @param unreachable it cannot be reached
 * @param slow it takes longer than {@code patience}; if that is refused, clients wait for its
 *     answer
 * @param limited it answers 429
 * @param error it answers with a server error or nonsense
 * @param denied it answers 401 or 403
 * @param missing it answers 404
 * @param patience how long a client waits for upstream before it gets what is known
 * @param maxAge age from which on nothing is served that was not confirmed; empty for no limit
 */
public record StalePolicy(
    Reaction unreachable,
    Reaction slow,
    Reaction limited,
    Reaction error,
    Reaction denied,
    Reaction missing,
    Duration patience,
    Optional<Duration> maxAge) {

  /** Serves through every outage, and believes an upstream that says no. */
  public static final StalePolicy DEFAULT =
      new StalePolicy(
          Reaction.SERVE,
          Reaction.SERVE,
          Reaction.SERVE,
          Reaction.SERVE,
          Reaction.REFUSE,
          Reaction.REFUSE,
          Duration.ofSeconds(3),
          Optional.empty());

  /** What a client gets. */
  public enum Reaction {
    /** What was last confirmed, with a warning. */
    SERVE,
    /** What upstream said, or that it said nothing. */
    REFUSE
  }

  /**
   * Whether something that is known is served.
   *
   * @param age time since upstream last confirmed it
   */
  public boolean serves(StaleReason reason, Duration age) {
    return reaction(reason) == Reaction.SERVE
        && maxAge.filter(most -> age.compareTo(most) >= 0).isEmpty();
  }

  private Reaction reaction(StaleReason reason) {
    return switch (reason) {
      case UNREACHABLE -> unreachable;
      case SLOW -> slow;
      case LIMITED -> limited;
      case ERROR -> error;
      case DENIED -> denied;
      case MISSING -> missing;
    };
  }
}
