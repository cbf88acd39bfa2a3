package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.trace.Truth;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Commands that set variables by what they read. */
final class InputBuiltins {

  /** Takes a line of the input apart. */
  Truth read(List<String> arguments, State state) {
    List<String> names = names(arguments, "dntupiN");
    Optional<String> line = state.input.line();
    if (line.isEmpty()) {
      names.forEach(name -> state.variables.set(name, ""));
      return Truth.FALSE;
    }
    String rest = line.get().strip();
    for (int i = 0; i < names.size(); i++) {
      boolean last = i == names.size() - 1;
      String[] parts = rest.split("[ \t]+", 2);
      boolean unknown = Unknown.in(rest) && names.size() > 1;
      String value = unknown ? Unknown.TEXT : last ? rest : parts[0];
      state.variables.set(names.get(i), value);
      rest = parts.length > 1 ? parts[1] : unknown ? Unknown.TEXT : "";
    }
    return line.get().equals(Unknown.TEXT) ? Truth.UNKNOWN : Truth.TRUE;
  }

  private static List<String> names(List<String> arguments, String withValue) {
    var names = new ArrayList<String>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.startsWith("-")) {
        boolean value =
            argument.length() > 1 && withValue.indexOf(argument.charAt(argument.length() - 1)) >= 0;
        i += value ? 1 : 0;
      } else {
        names.add(argument);
      }
    }
    return names.isEmpty() ? List.of("REPLY") : names;
  }

  /** Makes an array of all lines of the input. */
  void readAll(List<String> arguments, State state) {
    List<String> names = names(arguments, "dnOscCu");
    String text = state.input.rest();
    List<String> lines = Unknown.in(text) ? List.of(Unknown.TEXT) : text.lines().toList();
    state.variables.set(names.getFirst().equals("REPLY") ? "MAPFILE" : names.getFirst(), lines);
  }

  /** The next option of the arguments, or of the positional parameters. */
  Truth options(List<String> arguments, State state) {
    if (arguments.size() < 2) {
      return Truth.FALSE;
    }
    state.variables.set(arguments.get(1), Unknown.TEXT);
    state.variables.set("OPTARG", Unknown.TEXT);
    state.variables.set("OPTIND", Unknown.TEXT);
    List<String> words =
        arguments.size() > 2 ? arguments.subList(2, arguments.size()) : state.positional;
    boolean option =
        !words.isEmpty() && (words.getFirst().startsWith("-") || Unknown.in(words.getFirst()));
    return option ? Truth.UNKNOWN : Truth.FALSE;
  }
}
