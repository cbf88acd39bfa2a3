package io.lighter.server.access;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Somebody who asks for something.
 *
 * @param name who he is; empty for somebody who has not said so
 * @param groups that he is a member of
 * @param scope what his token is for; empty if he has none that is limited
 * @param until when this has to be checked again
 */
public record Caller(String name, Set<String> groups, Optional<Scope> scope, Instant until) {
  /** Somebody who has not said who he is. */
  public static final Caller ANONYMOUS = new Caller("", Set.of(), Optional.empty(), Instant.MAX);

  public Caller {
    groups = Set.copyOf(groups);
  }

  /** Whether he has not said who he is. */
  public boolean isAnonymous() {
    return name.isEmpty();
  }
}
