package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.trace.Start;
import io.lighter.conversion.startset.trace.Truth;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Commands of words: assignments, functions, what the shell does itself, and programs. */
final class SimpleCommands {

  private final Interpreter interpreter;
  private final Start start;
  private final Builtins builtins;
  private final Programs programs;

  SimpleCommands(Interpreter interpreter, Start start, Conditions conditions) {
    this.interpreter = interpreter;
    this.start = start;
    this.programs = new Programs(interpreter, start);
    this.builtins = new Builtins(interpreter, this, start, conditions);
  }

  Flow run(Command.Simple command, State state) {
    Expansion expansion = interpreter.expansion();
    Optional<String> name =
        command.words().isEmpty() ? Optional.empty() : command.words().getFirst().plain();
    boolean declares = name.filter(ScriptParser::declares).isPresent();
    List<String> words = declares ? List.of() : expansion.words(command.words(), state);
    boolean stays = words.size() == 1 && words.getFirst().equals("exec");
    Input input = state.input;
    Output output = state.output;
    interpreter.redirect(command.redirections(), state);
    Flow flow = Flow.NEXT;
    if (declares) {
      new Declarations(expansion).run(name.get(), command.words(), state);
    } else if (words.isEmpty()) {
      state.status = Truth.TRUE;
      command.assignments().forEach(word -> assign(word, state));
      boolean reads = command.redirections().stream().anyMatch(Command.Redirection::isInput);
      if (reads && command.assignments().isEmpty()) {
        output.write(state.input.rest());
      }
    } else if (!stays) {
      flow = withAssignments(command, words, state);
    }
    if (!stays) {
      state.input = input;
      state.output = output;
    }
    return flow;
  }

  private void assign(Word word, State state) {
    Assignment.of(word)
        .ifPresent(
            assignment -> new Declarations(interpreter.expansion()).assign(assignment, state));
  }

  private Flow withAssignments(Command.Simple command, List<String> words, State state) {
    var kept = new ArrayList<Variables.Kept>();
    for (Word word : command.assignments()) {
      Assignment.of(word)
          .ifPresent(assignment -> {
            kept.add(state.variables.keep(assignment.name()));
            assign(word, state);
            state.variables.export(assignment.name(), true);
          });
    }
    Flow flow = run(words, state);
    kept.reversed().forEach(state.variables::restore);
    return flow;
  }

  /** Runs words whose first names what is to be run. */
  Flow run(List<String> words, State state) {
    String name = words.getFirst();
    if (Unknown.in(name)) {
      start.unresolved(
          "a command of " + interpreter.reason(state).text().replaceFirst("executed by ", ""),
          "its name is not known: " + String.join(" ", words).replace(Unknown.TEXT, "?"));
      state.status = Truth.UNKNOWN;
      state.output.unknown();
      return Flow.NEXT;
    }
    Command function = state.functions.get(name);
    List<String> arguments = words.subList(1, words.size());
    if (function != null) {
      return call(function, arguments, state);
    }
    return runWithoutFunctions(words, state);
  }

  Flow runWithoutFunctions(List<String> words, State state) {
    List<String> arguments = words.subList(1, words.size());
    Optional<Flow> flow = builtins.run(words.getFirst(), arguments, state);
    if (flow.isPresent()) {
      return flow.get();
    }
    programs.execute(words, state);
    return Flow.NEXT;
  }

  /** Has a program take the shell's place. */
  Flow replace(List<String> words, State state) {
    int at = 0;
    while (at < words.size() && words.get(at).startsWith("-")) {
      at += words.get(at).equals("-a") ? 2 : 1;
    }
    if (at >= words.size()) {
      return Flow.NEXT;
    }
    if (Unknown.in(words.get(at))) {
      run(words.subList(at, words.size()), state);
    } else {
      programs.execute(words.subList(at, words.size()), state);
    }
    return Flow.REPLACED;
  }

  private Flow call(Command function, List<String> arguments, State state) {
    List<String> positional = state.positional;
    List<Variables.Kept> locals = state.locals;
    state.positional = List.copyOf(arguments);
    state.locals = new ArrayList<>();
    Flow flow = interpreter.call(function, state);
    state.locals.reversed().forEach(state.variables::restore);
    state.positional = positional;
    state.locals = locals;
    return flow.isEnd() ? flow : Flow.NEXT;
  }
}
