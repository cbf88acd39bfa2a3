package io.lighter.server.access;

import io.lighter.oci.RepositoryName;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What one caller may do, with what was decided before: a request for a repository that he had
 * before costs one look into a map. Thread-safe; never blocks.
 */
public final class Rights {
  /** Beyond this, decisions are made anew. */
  private static final int MAX_REMEMBERED = 1024;

  private final Caller caller;
  private final Policy policy;
  private final long generation;
  private final boolean pullsEverything;
  private final Map<Action, Map<String, Boolean>> decided = new EnumMap<>(Action.class);

  Rights(Caller caller, Policy policy, long generation) {
    this.caller = caller;
    this.policy = policy;
    this.generation = generation;
    this.pullsEverything = policy.allowsEverywhere(caller, Action.PULL);
    for (Action action : Action.values()) {
      decided.put(action, new ConcurrentHashMap<>());
    }
  }

  /** Whose rights these are. */
  public Caller caller() {
    return caller;
  }

  /** Whether this very policy is what they come from. */
  @SuppressWarnings("ReferenceEquality") // Another one with the same rules has been put in force.
  boolean isBy(Policy other) {
    return policy == other;
  }

  long generation() {
    return generation;
  }

  /** Whether there is no repository that he may not pull. */
  public boolean pullsEverything() {
    return pullsEverything
        && caller.scope().map(scope -> scope.coversAll(Action.PULL)).orElse(true);
  }

  /** Whether the server itself is his to look into and to tell what to do. */
  public boolean administersEverything() {
    return caller.scope().isEmpty() && policy.allowsEverywhere(caller, Action.ADMIN);
  }

  /**
   * Whether he may do something.
   *
   * @param written the name as the request has it
   * @param namespace the upstream that the request names, if it names one
   * @param meant the repository that the request means. A plain name may mean one of the default
   *     upstream, and then both are looked at: otherwise the answer would tell which names somebody
   *     has pushed to
   */
  public boolean may(
      Action action, String written, Optional<String> namespace, RepositoryName meant) {
    return inScope(action, written)
        && byRules(action, meant.value())
        && (namespace.isPresent() || isWithin(meant.value(), written) || byRules(action, written));
  }

  /** Whether the token covers it, whatever the rules say. */
  public boolean inScope(Action action, String written) {
    return caller.scope().isEmpty() || caller.scope().get().covers(action, written);
  }

  /** Whether a name begins with the same component, so that it names its place itself. */
  private static boolean isWithin(String meant, String written) {
    int slash = written.indexOf('/');
    return slash < 0 ? meant.equals(written) : meant.regionMatches(0, written, 0, slash + 1);
  }

  /** Whether the rules allow something to a repository, whatever a token covers. */
  public boolean byRules(Action action, String repository) {
    if (action == Action.PULL && pullsEverything) {
      return true;
    }
    Map<String, Boolean> before = decided.get(action);
    Boolean known = before == null ? null : before.get(repository);
    if (known != null) {
      return known;
    }
    boolean allowed = policy.allows(caller, action, repository);
    if (before != null && before.size() < MAX_REMEMBERED) {
      before.put(repository, allowed);
    }
    return allowed;
  }
}
