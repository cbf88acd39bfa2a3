package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.trace.Truth;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Sets variables: by assignments, and by {@code export}, {@code local} and their like. */
final class Declarations {

  private final Expansion expansion;

  Declarations(Expansion expansion) {
    this.expansion = expansion;
  }

  void assign(Assignment assignment, State state) {
    String name = assignment.name();
    if (assignment.element()) {
      state.variables.set(name, Unknown.TEXT);
      return;
    }
    if (assignment.several().isPresent()) {
      var values = new ArrayList<String>();
      if (assignment.append()) {
        values.addAll(state.variables.values(name));
      }
      values.addAll(expansion.words(assignment.several().get(), state));
      state.variables.set(name, values);
      return;
    }
    String value = expansion.text(assignment.value(), state);
    String earlier = assignment.append() ? state.variables.value(name).orElse("") : "";
    state.variables.set(name, earlier + value);
  }

  /**
   * Runs a command that declares variables.
   *
   * @param command its name
   * @param words with the name
   */
  void run(String command, List<Word> words, State state) {
    boolean exports = command.equals("export");
    boolean withdraws = false;
    boolean global = exports || command.equals("readonly");
    state.status = Truth.TRUE;
    for (Word word : words.subList(1, words.size())) {
      Optional<Assignment> assignment = Assignment.of(word);
      if (assignment.isEmpty()) {
        String text = expansion.text(word, state);
        if (text.startsWith("-")) {
          exports |= text.contains("x");
          withdraws |= exports && text.contains("n");
          global |= text.contains("g");
          continue;
        }
        // What comes out of a variable can be an assignment as well: export "$name=$value".
        int equals = text.indexOf('=');
        String name = equals < 0 ? text : text.substring(0, equals);
        keep(name, global, state);
        if (command.equals("local")) {
          state.variables.unset(name);
        }
        if (equals > 0) {
          state.variables.set(name, text.substring(equals + 1));
        }
        export(name, exports, withdraws, state);
      } else {
        String name = assignment.get().name();
        keep(name, global, state);
        assign(assignment.get(), state);
        export(name, exports, withdraws, state);
      }
    }
  }

  private static void keep(String name, boolean global, State state) {
    if (!global) {
      state.locals.add(state.variables.keep(name));
    }
  }

  private static void export(String name, boolean exports, boolean withdraws, State state) {
    if (exports) {
      state.variables.export(name, !withdraws);
    }
  }
}
