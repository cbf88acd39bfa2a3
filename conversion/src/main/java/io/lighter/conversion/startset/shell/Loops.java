package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.trace.Truth;
import java.util.List;

/** Commands that are run again and again, a bounded number of times. */
final class Loops {

  private static final int MAX_TURNS = 100;

  private final Interpreter interpreter;

  Loops(Interpreter interpreter) {
    this.interpreter = interpreter;
  }

  Flow run(Command.For command, State state) {
    List<String> words =
        command
            .words()
            .map(given -> interpreter.expansion().words(given, state))
            .orElse(state.positional);
    for (String word : words.subList(0, Math.min(words.size(), MAX_TURNS))) {
      boolean known = !word.equals(Unknown.TEXT);
      state.variables.set(command.name(), word);
      Flow flow = known ? interpreter.run(command.body(), state) : maybe(command.body(), state);
      if (flow == Flow.BREAK) {
        break;
      }
      if (flow.compareTo(Flow.BREAK) > 0) {
        return flow;
      }
    }
    return Flow.NEXT;
  }

  Flow run(Command.Loop command, State state) {
    for (int turn = 0; turn < MAX_TURNS; turn++) {
      State before = state.copy();
      int read = state.input.position();
      Flow flow = interpreter.run(command.condition(), state);
      if (flow != Flow.NEXT) {
        return flow;
      }
      Truth again = command.until() ? state.status.negated() : state.status;
      if (again == Truth.FALSE) {
        break;
      }
      if (again == Truth.UNKNOWN) {
        flow = maybe(command.body(), state);
        return flow.compareTo(Flow.BREAK) > 0 ? flow : Flow.NEXT;
      }
      flow = interpreter.run(command.body(), state);
      if (flow == Flow.FAIL) {
        state.become(before);
      } else if (flow.compareTo(Flow.BREAK) > 0) {
        return flow;
      }
      boolean stands = state.sameAs(before) && state.input.position() == read;
      if (flow == Flow.FAIL || flow == Flow.BREAK || stands) {
        break;
      }
    }
    state.status = Truth.TRUE;
    return Flow.NEXT;
  }

  /** Runs something once that may be run many times or never. */
  private Flow maybe(Command body, State state) {
    State taken = state.fork(state.unsure());
    State past = state.fork(state.certainty);
    Flow flow = interpreter.run(body, taken);
    return new Outcomes().add(taken, flow).add(past, Flow.NEXT).merge(state);
  }
}
