package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.shell.Command.Redirection;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import io.lighter.conversion.startset.trace.Truth;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Follows the commands of one shell. Bounded in their number and in how deep they are in each
 * other: what goes beyond is left out.
 */
final class Interpreter {

  private static final int LONGEST_SCRIPT = 256 << 10;
  private static final int MAX_COMMANDS = 50_000;

  /** Of commands in each other, over functions and files. */
  private static final int MAX_NESTING = 100;

  /** Of one function, or of one file that is sourced. */
  private static final int MAX_RECURSION = 4;

  private final Start start;
  private final String script;
  private final Expansion expansion;
  private final Decisions decisions = new Decisions(this);
  private final Loops loops = new Loops(this);
  private final Conditions conditions;
  private final SimpleCommands simple;
  private final IdentityHashMap<Object, Integer> active = new IdentityHashMap<>();
  private int commands;
  private int nesting;

  /**
   * A shell.
   *
   * @param script what it knows itself by
   * @param bash whether it is bash and not a plainer one
   */
  Interpreter(Start start, String script, boolean bash) {
    this.start = start;
    this.script = script;
    this.expansion = new Expansion(this, start, new Parameters(start, script, bash));
    this.conditions = new Conditions(start);
    this.simple = new SimpleCommands(this, start, conditions);
  }

  Expansion expansion() {
    return expansion;
  }

  /** Why programs are executed, and files read, by commands of a state. */
  Reason reason(State state) {
    String by = state.source.isEmpty() ? script : state.source;
    return new Reason(state.certainty, "executed by " + by);
  }

  /** The start as programs see it that are executed in a state. */
  Start seenFrom(State state) {
    return start.withOnly(state.variables.environment()).in(state.directory);
  }

  /** Runs a script's text; line by line what cannot be parsed. */
  Flow run(String text, State state) {
    if (text.length() > LONGEST_SCRIPT) {
      start.unresolved(script, "a script of more than %d bytes".formatted(LONGEST_SCRIPT));
      return Flow.NEXT;
    }
    Command command;
    try {
      command = ScriptParser.parse(text);
    } catch (ShellSyntaxException e) {
      String which = state.source.isEmpty() ? script : state.source;
      start.unresolved(which, "it cannot be parsed: " + e.getMessage());
      new LineScan(seenFrom(state)).follow(text, which);
      state.status = Truth.UNKNOWN;
      return Flow.NEXT;
    }
    return run(command, state);
  }

  /** Runs the commands of a file in this shell, as {@code .} does. */
  Flow source(ImageFile file, String path, State state) {
    Reason reason =
        new Reason(
            state.certainty, "sourced by " + (state.source.isEmpty() ? script : state.source));
    start.reads(file, reason);
    String outer = state.source;
    state.source = path;
    Flow flow = again(file, () -> run(text(file), state));
    state.source = outer;
    return flow == Flow.RETURN ? Flow.NEXT : flow;
  }

  /** Runs the body of a function, which may be running already, but not too often. */
  Flow call(Command body, State state) {
    return again(body, () -> run(body, state));
  }

  private Flow again(Object what, Supplier<Flow> run) {
    if (active.merge(what, 1, Integer::sum) > MAX_RECURSION) {
      start.unresolved(script, "a function or file in it runs itself again and again");
      active.merge(what, -1, Integer::sum);
      return Flow.NEXT;
    }
    Flow flow = run.get();
    active.merge(what, -1, Integer::sum);
    return flow;
  }

  String text(ImageFile file) {
    return new String(start.content(file, 0, LONGEST_SCRIPT + 1), StandardCharsets.UTF_8);
  }

  /** Runs a command; its status is in the state afterwards. */
  Flow run(Command command, State state) {
    start.checkpoint();
    if (commands >= MAX_COMMANDS || nesting >= MAX_NESTING) {
      start.unresolved(script, "it runs too many commands, or too deep in each other");
      state.status = Truth.UNKNOWN;
      return commands >= MAX_COMMANDS ? Flow.END : Flow.NEXT;
    }
    commands++;
    nesting++;
    try {
      return dispatch(command, state);
    } finally {
      nesting--;
    }
  }

  private Flow dispatch(Command command, State state) {
    return switch (command) {
      case Command.Simple words -> simple.run(words, state);
      case Command.Sequence sequence -> sequence(sequence, state);
      case Command.Chain chain -> decisions.run(chain, state);
      case Command.If conditional -> decisions.run(conditional, state);
      case Command.Case choice -> decisions.run(choice, state);
      case Command.For loop -> loops.run(loop, state);
      case Command.Loop loop -> loops.run(loop, state);
      case Command.Pipeline pipeline -> pipeline(pipeline, state);
      case Command.Subshell(Command body) -> {
        State inner = state.copy();
        state.status = ended(run(body, inner), inner);
        yield Flow.NEXT;
      }
      case Command.Function(String name, Command body) -> {
        state.functions.put(name, body);
        state.status = Truth.TRUE;
        yield Flow.NEXT;
      }
      case Command.Test test -> {
        state.status = conditions.evaluate(test, state, expansion);
        yield Flow.NEXT;
      }
      case Command.Calculation(Word expression) -> {
        String value = expansion.calculated(expression, state);
        state.status = Unknown.in(value) ? Truth.UNKNOWN : Truth.of(!value.equals("0"));
        yield Flow.NEXT;
      }
      case Command.Redirected(Command inner, List<Redirection> redirections) -> {
        Input input = state.input;
        Output output = state.output;
        redirect(redirections, state);
        Flow flow = run(inner, state);
        state.input = input;
        state.output = output;
        yield flow;
      }
    };
  }

  private Flow sequence(Command.Sequence sequence, State state) {
    for (Command.Item item : sequence.items()) {
      if (item.background()) {
        State inner = state.copy();
        inner.output = new Output();
        run(item.command(), inner);
        state.status = Truth.TRUE;
        continue;
      }
      Flow flow = run(item.command(), state);
      if (flow != Flow.NEXT) {
        return flow;
      }
    }
    return Flow.NEXT;
  }

  private Flow pipeline(Command.Pipeline pipeline, State state) {
    if (pipeline.commands().size() == 1) {
      Flow flow = run(pipeline.commands().getFirst(), state);
      state.status = pipeline.negated() ? state.status.negated() : state.status;
      return flow;
    }
    Input input = state.input;
    int last = pipeline.commands().size() - 1;
    for (int i = 0; i <= last; i++) {
      State inner = state.copy();
      inner.input = input;
      inner.output = i == last ? state.output : new Output();
      Truth status = ended(run(pipeline.commands().get(i), inner), inner);
      state.status = pipeline.negated() ? status.negated() : status;
      input = Input.of(inner.output.text());
    }
    return Flow.NEXT;
  }

  /** How a process ended that was a part of this shell. */
  private static Truth ended(Flow flow, State inner) {
    return switch (flow) {
      case FAIL -> Truth.FALSE;
      case REPLACED -> Truth.UNKNOWN;
      case NEXT, CONTINUE, BREAK, RETURN, END -> inner.status;
    };
  }

  /** What commands write, without the lines' ends at its end. */
  String substitute(Command command, State state) {
    State inner = state.copy();
    inner.output = new Output();
    state.status = ended(run(command, inner), inner);
    return inner.output.substituted();
  }

  /** Leads input and output elsewhere. */
  void redirect(List<Redirection> redirections, State state) {
    for (Redirection redirection : redirections) {
      if (redirection.isText()) {
        String text = expansion.text(redirection.target(), state);
        state.input = Input.of(redirection.operator().equals("<<<") ? text + "\n" : text);
      } else if (redirection.isInput() && redirection.operator().equals("<")) {
        state.input = input(redirection.target(), state);
      } else if (!redirection.operator().startsWith("<")) {
        String path = expansion.text(redirection.target(), state);
        if (!redirection.operator().equals(">&") && !path.startsWith("/dev/")) {
          state.changes(path);
        }
        if (redirection.isOutput()) {
          state.output = new Output();
        }
      }
    }
  }

  private Input input(Word target, State state) {
    if (target.parts().size() == 1
        && target.parts().getFirst() instanceof Word.Pipe(Command command, boolean input)
        && input) {
      return Input.of(substitute(command, state) + "\n");
    }
    String path = expansion.text(target, state);
    Optional<ImageFile> file = start.file(state.absolute(path));
    file.ifPresent(found -> start.reads(found, reason(state)));
    return file.isPresent() && !state.mayHaveChanged(path)
        ? Input.of(text(file.get()))
        : Input.unknown();
  }
}
