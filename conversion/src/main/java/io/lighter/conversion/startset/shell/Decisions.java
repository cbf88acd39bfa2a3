package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.trace.Certainty;
import io.lighter.conversion.startset.trace.Truth;

/**
 * Commands that may be run or not. What is not known is gone both ways. A known way that ends with
 * the script's own word that it failed is not gone after all: images are made to start, and what
 * made the difference (a variable, a volume) is given to the container when it does.
 */
final class Decisions {

  private final Interpreter interpreter;

  Decisions(Interpreter interpreter) {
    this.interpreter = interpreter;
  }

  Flow run(Command.If command, State state) {
    var outcomes = new Outcomes();
    State current = state;
    for (Command.Branch branch : command.branches()) {
      Flow flow = interpreter.run(branch.condition(), current);
      if (flow != Flow.NEXT) {
        return end(outcomes, state, current, flow);
      }
      if (current.status == Truth.TRUE) {
        flow = attempt(branch.body(), current);
        if (flow != Flow.FAIL) {
          return end(outcomes, state, current, flow);
        }
      } else if (current.status == Truth.UNKNOWN) {
        State taken = current.fork(current.unsure());
        outcomes.add(taken, interpreter.run(branch.body(), taken));
        current = apart(current, state);
      }
    }
    current.status = Truth.TRUE;
    Flow flow = Flow.NEXT;
    if (command.otherwise().isPresent()) {
      flow = attempt(command.otherwise().get(), current);
      if (flow == Flow.FAIL && outcomes.isEmpty()) {
        flow = interpreter.run(command.branches().getFirst().body(), current);
      }
    }
    return end(outcomes, state, current, flow);
  }

  Flow run(Command.Case command, State state) {
    String subject = interpreter.expansion().text(command.subject(), state);
    var outcomes = new Outcomes();
    State current = state;
    boolean through = false;
    for (Command.CaseItem item : command.items()) {
      Truth matches = through ? Truth.TRUE : matches(item, subject, current);
      if (matches == Truth.TRUE) {
        Flow flow = attempt(item.body(), current);
        through = item.through();
        if (!through || flow != Flow.NEXT) {
          return end(outcomes, state, current, flow == Flow.FAIL ? Flow.NEXT : flow);
        }
      } else if (matches == Truth.UNKNOWN) {
        boolean oneOfMany = command.items().size() > 2;
        State taken = current.fork(oneOfMany ? Certainty.POSSIBLE : current.unsure());
        outcomes.add(taken, interpreter.run(item.body(), taken));
        current = apart(current, state);
      }
    }
    current.status = Truth.TRUE;
    return end(outcomes, state, current, Flow.NEXT);
  }

  private Truth matches(Command.CaseItem item, String subject, State state) {
    Truth any = Truth.FALSE;
    for (Word pattern : item.patterns()) {
      any = any.or(Patterns.matches(interpreter.expansion().pattern(pattern, state), subject));
    }
    return any;
  }

  Flow run(Command.Chain command, State state) {
    Flow flow = interpreter.run(command.first(), state);
    for (Command.Link link : command.links()) {
      if (flow != Flow.NEXT) {
        return flow;
      }
      Truth without = Truth.of(!link.and());
      if (state.status == Truth.UNKNOWN) {
        State taken = state.fork(state.unsure());
        State past = state.fork(state.certainty);
        past.status = without;
        flow =
            new Outcomes()
                .add(taken, interpreter.run(link.command(), taken))
                .add(past, Flow.NEXT)
                .merge(state);
      } else if (state.status != without) {
        flow = attempt(link.command(), state);
        if (flow == Flow.FAIL) {
          state.status = without;
          flow = Flow.NEXT;
        }
      }
    }
    return flow;
  }

  /** Runs something, and takes it back if it fails. */
  private Flow attempt(Command body, State state) {
    State before = state.copy();
    Flow flow = interpreter.run(body, state);
    if (flow == Flow.FAIL) {
      state.become(before);
      state.certainty = before.certainty.orLess(Certainty.LIKELY);
      state.status = Truth.UNKNOWN;
    }
    return flow;
  }

  private static State apart(State current, State state) {
    return current == state ? state.fork(state.unsure()) : current;
  }

  private static Flow end(Outcomes outcomes, State state, State current, Flow flow) {
    return current == state ? flow : outcomes.add(current, flow).merge(state);
  }
}
