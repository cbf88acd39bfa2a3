package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Start;
import io.lighter.conversion.startset.trace.Truth;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Commands that shells run themselves. */
final class Builtins {

  /** Of no consequence here. */
  private static final Set<String> IGNORED =
      Set.of(
          "alias",
          "bg",
          "bind",
          "caller",
          "compgen",
          "complete",
          "disown",
          "enable",
          "fc",
          "fg",
          "hash",
          "history",
          "jobs",
          "kill",
          "logout",
          "shopt",
          "suspend",
          "times",
          "trap",
          "ulimit",
          "unalias",
          "wait",
          "setopt",
          "emulate");

  private final Interpreter interpreter;
  private final SimpleCommands commands;
  private final Start start;
  private final Conditions conditions;
  private final InputBuiltins inputs = new InputBuiltins();

  Builtins(Interpreter interpreter, SimpleCommands commands, Start start, Conditions conditions) {
    this.interpreter = interpreter;
    this.commands = commands;
    this.start = start;
    this.conditions = conditions;
  }

  /** Where it goes on after a command; empty if a shell does not run it itself. */
  Optional<Flow> run(String name, List<String> arguments, State state) {
    Optional<Flow> flow = flow(name, arguments, state);
    return flow.isPresent() ? flow : changes(name, arguments, state);
  }

  private Optional<Flow> flow(String name, List<String> arguments, State state) {
    return switch (name) {
      case "exit" -> Optional.of(exit(arguments, state));
      case "return" -> {
        state.status = arguments.isEmpty() ? state.status : status(arguments.getFirst());
        yield Optional.of(Flow.RETURN);
      }
      case "break" -> Optional.of(Flow.BREAK);
      case "continue" -> Optional.of(Flow.CONTINUE);
      case "exec" -> Optional.of(commands.replace(arguments, state));
      case "eval" -> {
        state.status = Truth.TRUE;
        yield Optional.of(interpreter.run(String.join(" ", arguments), state));
      }
      case ".", "source" -> Optional.of(source(arguments, state));
      case "command", "builtin" -> Optional.of(command(arguments, state));
      case "type" -> {
        state.status = known(arguments, state, false);
        yield Optional.of(Flow.NEXT);
      }
      default -> Optional.empty();
    };
  }

  private Optional<Flow> changes(String name, List<String> arguments, State state) {
    Truth status = Truth.TRUE;
    switch (name) {
      case ":", "true" -> {}
      case "false" -> status = Truth.FALSE;
      case "test" -> status = conditions.evaluate(arguments, state);
      case "[" -> {
        int end = arguments.isEmpty() ? 0 : arguments.size() - 1;
        status = conditions.evaluate(arguments.subList(0, end), state);
      }
      case "cd", "pushd" -> status = changeDirectory(arguments, state);
      case "popd" -> {}
      case "pwd" -> state.output.write(state.directory + "\n");
      case "set" -> set(arguments, state);
      case "shift" -> shift(arguments, state);
      case "unset" -> arguments.forEach(argument -> unset(argument, state));
      case "umask" -> state.output.write("0022\n");
      case "echo" -> state.output.write(Printing.echo(arguments));
      case "printf" -> Printing.printf(arguments, state);
      case "read" -> status = inputs.read(arguments, state);
      case "mapfile", "readarray" -> inputs.readAll(arguments, state);
      case "getopts" -> status = inputs.options(arguments, state);
      case "let" -> {
        arguments.forEach(
            argument -> state.variables.set(argument.split("[^A-Za-z0-9_]", 2)[0], Unknown.TEXT));
        status = Truth.UNKNOWN;
      }
      default -> {
        if (!IGNORED.contains(name)) {
          return Optional.empty();
        }
      }
    }
    state.status = status;
    return Optional.of(Flow.NEXT);
  }

  private static Truth status(String number) {
    return Arithmetic.parsed(number).map(n -> Truth.of(n == 0)).orElse(Truth.UNKNOWN);
  }

  private static Flow exit(List<String> arguments, State state) {
    state.status = arguments.isEmpty() ? state.status : status(arguments.getFirst());
    return state.status == Truth.FALSE ? Flow.FAIL : Flow.END;
  }

  private Flow source(List<String> arguments, State state) {
    if (arguments.isEmpty() || Unknown.in(arguments.getFirst())) {
      start.unresolved("a sourced file", "its name is not known");
      state.status = Truth.UNKNOWN;
      return Flow.NEXT;
    }
    String name = arguments.getFirst();
    Optional<ImageFile> file = sourced(name, state);
    if (file.isEmpty()) {
      start.unresolved(name, "there is no such file to source");
      state.status = state.mayHaveChanged(name) ? Truth.UNKNOWN : Truth.FALSE;
      return Flow.NEXT;
    }
    List<String> positional = state.positional;
    boolean own = arguments.size() > 1;
    state.positional = own ? List.copyOf(arguments.subList(1, arguments.size())) : positional;
    state.status = Truth.TRUE;
    Flow flow = interpreter.source(file.get(), name, state);
    state.positional = own ? positional : state.positional;
    return flow;
  }

  private Optional<ImageFile> sourced(String name, State state) {
    if (!name.contains("/")) {
      for (String directory : state.variables.value("PATH").orElse("").split(":", -1)) {
        Optional<ImageFile> file = start.image().file(directory + "/" + name);
        if (file.isPresent()) {
          return file;
        }
      }
    }
    return start.image().file(state.absolute(name));
  }

  private Flow command(List<String> arguments, State state) {
    int at = 0;
    boolean asks = false;
    while (at < arguments.size() && arguments.get(at).startsWith("-")) {
      asks |= arguments.get(at).equalsIgnoreCase("-v");
      at++;
    }
    List<String> words = arguments.subList(at, arguments.size());
    if (asks) {
      state.status = known(words, state, true);
      return Flow.NEXT;
    }
    return words.isEmpty() ? Flow.NEXT : commands.runWithoutFunctions(words, state);
  }

  /** Whether there is a command of a name, and where. */
  private Truth known(List<String> names, State state, boolean writes) {
    Truth all = Truth.TRUE;
    for (String name : names) {
      if (name.startsWith("-") || Unknown.in(name)) {
        all = all.and(Unknown.in(name) ? Truth.UNKNOWN : Truth.TRUE);
        continue;
      }
      boolean own = state.functions.containsKey(name) || isBuiltin(name);
      Optional<String> path = own ? Optional.of(name) : interpreter.seenFrom(state).which(name);
      if (writes) {
        path.ifPresent(found -> state.output.write(found + "\n"));
      }
      all = all.and(Truth.of(path.isPresent()));
    }
    return all;
  }

  private static boolean isBuiltin(String name) {
    return IGNORED.contains(name)
        || Set.of(
                "exit",
                "return",
                "exec",
                "eval",
                ".",
                "source",
                "command",
                "builtin",
                "type",
                ":",
                "true",
                "false",
                "test",
                "[",
                "cd",
                "pwd",
                "set",
                "shift",
                "unset",
                "umask",
                "echo",
                "printf",
                "read",
                "getopts",
                "export",
                "local",
                "readonly")
            .contains(name);
  }

  private Truth changeDirectory(List<String> arguments, State state) {
    var places = new ArrayList<>(arguments);
    places.removeIf(argument -> argument.startsWith("-") && argument.length() > 1);
    Parameters parameters = interpreter.expansion().parameters();
    String place = places.isEmpty() ? parameters.named("HOME", state).text() : places.getFirst();
    if (place.equals("-")) {
      place = state.variables.value("OLDPWD").orElse(Unknown.TEXT);
    }
    if (Unknown.in(place)) {
      return Truth.UNKNOWN;
    }
    String path = Paths.normal(state.absolute(place));
    boolean there = start.image().directory(path).isPresent();
    if (!there && !state.mayHaveChanged(path)) {
      return Truth.FALSE;
    }
    state.variables.set("OLDPWD", state.directory);
    state.variables.set("PWD", path);
    state.directory = path;
    return Truth.TRUE;
  }

  private static void set(List<String> arguments, State state) {
    int at = 0;
    while (at < arguments.size()) {
      String argument = arguments.get(at);
      boolean option =
          argument.length() > 1 && (argument.startsWith("-") || argument.startsWith("+"));
      if (argument.equals("--") || argument.equals("-")) {
        state.positional = List.copyOf(arguments.subList(at + 1, arguments.size()));
        return;
      }
      if (!option) {
        state.positional = List.copyOf(arguments.subList(at, arguments.size()));
        return;
      }
      at += argument.endsWith("o") ? 2 : 1;
    }
  }

  private static void shift(List<String> arguments, State state) {
    List<String> positional = state.positional;
    String by = arguments.isEmpty() ? "1" : arguments.getFirst();
    Optional<Long> number = Arithmetic.parsed(by);
    int unknown = positional.indexOf(Unknown.TEXT);
    int end = unknown < 0 ? positional.size() : unknown;
    int count = 0;
    if (number.isPresent()) {
      count = (int) Math.clamp(number.get(), 0L, end);
    } else {
      // Nearly always the options, which were looked through before.
      while (count < end && positional.get(count).startsWith("-")) {
        count++;
      }
    }
    state.positional = List.copyOf(positional.subList(count, positional.size()));
  }

  private static void unset(String name, State state) {
    if (!name.startsWith("-") && state.functions.remove(name) == null) {
      state.variables.unset(name);
    }
  }
}
