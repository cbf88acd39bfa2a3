package io.lighter.server.access;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a token was asked for: {@code repository:NAME:pull,push}, any number of them, with {@code *}
 * for all repositories (Docker's "Token Scope Documentation"). It narrows what its owner may do,
 * and never widens it.
 *
 * @param actions by name of the repository as clients write it
 */
public record Scope(Map<String, Set<String>> actions) {
  /** Stands for every repository. */
  public static final String ALL = "*";

  private static final int MAX = 64;
  private static final Pattern FORM =
      Pattern.compile("repository(?:\\([^)]*\\))?:([^ ]{1,512}):([a-z*,]{1,64})");

  public Scope {
    actions = Map.copyOf(actions);
  }

  /** Reads scopes; what is none of a repository is left out, as its owner cannot use it here. */
  public static Scope parse(List<String> texts) {
    var actions = new LinkedHashMap<String, Set<String>>();
    for (String text : texts) {
      for (String one : text.split(" ", -1)) {
        var matcher = FORM.matcher(one);
        if (matcher.matches() && actions.size() < MAX) {
          actions.merge(
              matcher.group(1),
              Stream.of(matcher.group(2).split(",", -1)).collect(Collectors.toUnmodifiableSet()),
              Scope::union);
        }
      }
    }
    return new Scope(actions);
  }

  private static Set<String> union(Set<String> some, Set<String> others) {
    var all = new HashSet<>(some);
    all.addAll(others);
    return Set.copyOf(all);
  }

  /** As the claim of a token has it. */
  List<Map<String, Object>> claim() {
    var claim = new ArrayList<Map<String, Object>>();
    actions.forEach((name, granted) ->
        claim.add(Map.of("type", "repository", "name", name, "actions", List.copyOf(granted))));
    return claim;
  }

  /** Of the claim of a token that was signed here. */
  static Scope ofClaim(List<?> claim) {
    var actions = new LinkedHashMap<String, Set<String>>();
    for (Object entry : claim) {
      if (entry instanceof Map<?, ?> one && one.get("actions") instanceof List<?> granted) {
        actions.put(
            String.valueOf(one.get("name")),
            granted.stream().map(String::valueOf).collect(Collectors.toUnmodifiableSet()));
      }
    }
    return new Scope(actions);
  }

  /** Whether something was asked for, of that repository or of all. */
  boolean covers(Action action, String written) {
    return grants(action, written) || coversAll(action);
  }

  /** Whether something was asked for of all repositories. */
  boolean coversAll(Action action) {
    return grants(action, ALL);
  }

  private boolean grants(Action action, String name) {
    Set<String> granted = actions.getOrDefault(name, Set.of());
    return granted.contains(action.text()) || granted.contains("*");
  }
}
