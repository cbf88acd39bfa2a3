package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Certainty;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What well-known packages do that cannot be seen in their import statements, from a table of this
 * package: {@code known-packages.txt}, which says what its columns are. Immutable.
 */
final class KnownPackages {

  private static final String TABLE = "known-packages.txt";
  private static final int MAX_MATCHES = 1_000;

  private final Map<String, List<Rule>> rules;

  /** One line of the table. */
  private record Rule(String what, List<String> values) {}

  private KnownPackages(Map<String, List<Rule>> rules) {
    this.rules = rules;
  }

  /** The whole table. */
  static KnownPackages all() {
    try (InputStream table = KnownPackages.class.getResourceAsStream(TABLE)) {
      if (table == null) {
        throw new IllegalStateException("the table of known packages is not beside its class");
      }
      Map<String, List<Rule>> rules = new HashMap<>();
      new String(table.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .forEach(line -> {
            List<String> words = List.of(line.strip().split(" +"));
            rules
                .computeIfAbsent(words.getFirst(), _ -> new ArrayList<>())
                .add(new Rule(words.get(1), words.subList(2, words.size())));
          });
      return new KnownPackages(rules);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> values(String name, String what) {
    return rules.getOrDefault(name, List.of()).stream()
        .filter(rule -> rule.what().equals(what))
        .flatMap(rule -> rule.values().stream())
        .toList();
  }

  private boolean has(String name, String what) {
    return rules.getOrDefault(name, List.of()).stream().anyMatch(rule -> rule.what().equals(what));
  }

  /** Whether a module that has no file is made by the package that it is in. */
  boolean provides(String module) {
    for (String name = module; !name.isEmpty(); name = parent(name)) {
      if (has(name, "provides")) {
        return true;
      }
    }
    return false;
  }

  /**
   * The module that is imported in place of another.
   *
   * @param loaded whether a module is imported already
   * @return empty if it is itself imported
   */
  Optional<String> instead(String module, Predicate<String> loaded) {
    for (String name = module; !name.isEmpty(); name = parent(name)) {
      for (Rule rule : rules.getOrDefault(name, List.of())) {
        boolean applies =
            (rule.what().equals("inside") && !name.equals(module))
                || (rule.what().startsWith("after:") && loaded.test(rule.what().substring(6)));
        if (applies && !rule.values().isEmpty()) {
          return Optional.of(rule.values().getFirst() + module.substring(name.length()));
        }
      }
    }
    return Optional.empty();
  }

  /** Whether a package reads its own source to import what is in it when it is asked for. */
  boolean isLazy(String module) {
    return has(module, "lazy");
  }

  private static String parent(String name) {
    return name.substring(0, Math.max(0, name.lastIndexOf('.')));
  }

  /**
   * What a program imports by name that runs others, as a web server does.
   *
   * @return empty if it is no such program
   */
  Optional<List<String>> launched(String program) {
    return has(program, "launches") ? Optional.of(values(program, "launches")) : Optional.empty();
  }

  /** The modules that an argument of such a program stands for. */
  List<String> word(String program, String argument) {
    return values(program, "word:" + argument);
  }

  /** Takes in what the import of a module reads; returns what it imports besides. */
  List<Statement> follow(Module module, Start start, Certainty certainty) {
    if (!rules.containsKey(module.name())) {
      return List.of();
    }
    for (String what : List.of("reads", "maybe")) {
      Certainty lower = what.equals("reads") ? Certainty.LIKELY : Certainty.POSSIBLE;
      var reason = new Reason(Frame.weaker(certainty, lower), "read by " + module.name());
      for (String pattern : values(module.name(), what)) {
        matches(module, pattern, start).forEach(file -> start.reads(file, reason));
      }
    }
    List<Statement> imports = new ArrayList<>();
    for (String name : values(module.name(), "imports")) {
      imports.add(
          new Statement.Perhaps(
              List.of(new Statement.Import(List.of(new Statement.Name(name, "_"))))));
    }
    return imports;
  }

  private static List<ImageFile> matches(Module module, String pattern, Start start) {
    List<ImageFile> at =
        pattern.startsWith("/")
            ? List.of(start.image().root())
            : module.location().map(Module.Location::directory).map(List::of).orElse(List.of());
    for (String part : pattern.split("/", -1)) {
      var next = new ArrayList<ImageFile>();
      for (ImageFile place : at) {
        if (part.contains("*")) {
          place.children().values().stream()
              .filter(child -> fits(child.name(), part))
              .limit(MAX_MATCHES)
              .forEach(next::add);
        } else {
          start.image().find(place, part).ifPresent(next::add);
        }
      }
      at = next;
    }
    return at;
  }

  private static boolean fits(String name, String part) {
    int star = part.indexOf('*');
    String begin = part.substring(0, star);
    String end = part.substring(star + 1);
    return name.length() >= begin.length() + end.length()
        && name.startsWith(begin)
        && name.endsWith(end);
  }
}
