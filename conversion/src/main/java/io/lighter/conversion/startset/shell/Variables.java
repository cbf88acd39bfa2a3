package io.lighter.conversion.startset.shell;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The variables of a shell, some of them arrays, some exported. Bounded in number and in size. */
final class Variables {

  static final int LONGEST = 16 << 10;

  private static final int MAX_ELEMENTS = 1_000;
  private static final int MAX_VARIABLES = 2_000;

  /** Values, of which arrays have several. */
  record Variable(List<String> values, boolean exported) {}

  private final Map<String, Variable> all;

  private Variables(Map<String, Variable> all) {
    this.all = all;
  }

  static Variables of(Map<String, String> environment) {
    Map<String, Variable> all = new HashMap<>();
    environment.forEach((name, value) -> all.put(name, new Variable(List.of(value), true)));
    return new Variables(all);
  }

  Variables copy() {
    return new Variables(new HashMap<>(all));
  }

  /** Takes all values of others. */
  void become(Variables others) {
    if (others != this) {
      all.clear();
      all.putAll(others.all);
    }
  }

  Optional<String> value(String name) {
    return Optional.ofNullable(all.get(name))
        .filter(variable -> !variable.values.isEmpty())
        .map(variable -> variable.values.getFirst());
  }

  /** All elements of an array, or the one value; none if it is not set. */
  List<String> values(String name) {
    Variable variable = all.get(name);
    return variable == null ? List.of() : variable.values;
  }

  void set(String name, String value) {
    set(name, List.of(value));
  }

  void set(String name, List<String> values) {
    Variable earlier = all.get(name);
    if (earlier == null && all.size() >= MAX_VARIABLES) {
      return;
    }
    long length = 0;
    for (String value : values) {
      length += value.length();
    }
    boolean small = values.size() <= MAX_ELEMENTS && length <= LONGEST;
    List<String> kept = small ? List.copyOf(values) : List.of(Unknown.TEXT);
    all.put(name, new Variable(kept, earlier != null && earlier.exported));
  }

  void export(String name, boolean exported) {
    Variable variable = all.get(name);
    if (variable != null || all.size() < MAX_VARIABLES) {
      all.put(name, new Variable(variable == null ? List.of() : variable.values, exported));
    }
  }

  void unset(String name) {
    all.remove(name);
  }

  /** A variable as it was, to be put back. */
  record Kept(String name, Optional<Variable> variable) {}

  Kept keep(String name) {
    return new Kept(name, Optional.ofNullable(all.get(name)));
  }

  void restore(Kept kept) {
    kept.variable.ifPresentOrElse(
        variable -> all.put(kept.name, variable), () -> all.remove(kept.name));
  }

  /** Keeps what is the same in others; nothing is known of the rest. */
  void merge(Variables others) {
    for (String name : others.all.keySet()) {
      all.putIfAbsent(name, new Variable(List.of(Unknown.TEXT), false));
    }
    all.replaceAll((name, mine) -> {
      Variable other = others.all.get(name);
      if (mine.equals(other)) {
        return mine;
      }
      boolean exported = mine.exported || (other != null && other.exported);
      boolean same = other != null && mine.values.equals(other.values);
      return new Variable(same ? mine.values : List.of(Unknown.TEXT), exported);
    });
  }

  /** What is known of the exported ones. */
  Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    all.forEach((name, variable) -> {
      if (variable.exported && !variable.values.isEmpty()) {
        String known = known(name, variable.values.getFirst());
        boolean nothing = known.isEmpty() && !variable.values.getFirst().isEmpty();
        if (!nothing) {
          environment.put(name, known);
        }
      }
    });
    return environment;
  }

  /** The known ones of the words, or of the paths, in a value. */
  private static String known(String name, String value) {
    if (!Unknown.in(value)) {
      return value;
    }
    String separator = name.endsWith("PATH") ? ":" : " ";
    var known = new ArrayList<String>();
    for (String word : value.split(separator, -1)) {
      if (!Unknown.in(word)) {
        known.add(word);
      }
    }
    return String.join(separator, known);
  }

  boolean sameAs(Variables others) {
    return all.equals(others.all);
  }
}
