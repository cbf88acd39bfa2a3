package io.lighter.server.access;

import java.util.Locale;
import java.util.Set;

/** What is done to a repository. */
public enum Action {
  PULL,
  PUSH,
  DELETE,

  /** Only in rules: everything, and of all repositories also what the admin API does. */
  ADMIN;

  /** As scopes have it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  boolean isIn(Set<Action> granted) {
    return granted.contains(this) || granted.contains(ADMIN);
  }
}
