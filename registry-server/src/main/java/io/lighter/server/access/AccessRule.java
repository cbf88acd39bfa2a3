package io.lighter.server.access;

import io.lighter.server.content.RepositoryPatterns;
import java.util.Set;

/**
 * Who may do something to some repositories.
 *
 * @param repositories which ones
 * @param except of those, which not
 * @param users by name; {@link #ANYBODY} for everyone, {@link #KNOWN} for all who said who they are
 * @param groups whose members may
 * @param actions what they may
 */
public record AccessRule(
    RepositoryPatterns repositories,
    RepositoryPatterns except,
    Set<String> users,
    Set<String> groups,
    Set<Action> actions) {

  /** Everyone, also those who have not said who they are. */
  public static final String ANYBODY = "anonymous";

  /** Everyone who has said who he is. */
  public static final String KNOWN = "*";

  public AccessRule {
    users = Set.copyOf(users);
    groups = Set.copyOf(groups);
    actions = Set.copyOf(actions);
  }

  boolean isFor(Caller caller) {
    return users.contains(ANYBODY)
        || (!caller.isAnonymous()
            && (users.contains(KNOWN)
                || users.contains(caller.name())
                || caller.groups().stream().anyMatch(groups::contains)));
  }

  boolean covers(String repository) {
    return repositories.contains(repository) && !except.contains(repository);
  }
}
