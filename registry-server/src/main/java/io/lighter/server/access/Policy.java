package io.lighter.server.access;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All rules together: something may be done if one of them says so. Immutable.
 *
 * @param rules in any order
 * @param groups their members by name
 */
public record Policy(List<AccessRule> rules, Map<String, Set<String>> groups) {
  public Policy {
    rules = List.copyOf(rules);
    groups = Map.copyOf(groups);
  }

  /** The groups that a user is a member of. */
  Set<String> groupsOf(String user) {
    return groups.entrySet().stream()
        .filter(group -> group.getValue().contains(user))
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }

  boolean allows(Caller caller, Action action, String repository) {
    return rules.stream()
        .anyMatch(
            rule -> action.isIn(rule.actions()) && rule.isFor(caller) && rule.covers(repository));
  }

  /** Whether something may be done to every repository there is, or will be. */
  boolean allowsEverywhere(Caller caller, Action action) {
    return rules.stream()
        .anyMatch(rule ->
            action.isIn(rule.actions())
                && rule.isFor(caller)
                && rule.repositories().containsAll()
                && rule.except().isEmpty());
  }
}
