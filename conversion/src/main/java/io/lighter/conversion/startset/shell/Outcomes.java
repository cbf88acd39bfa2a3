package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.trace.Certainty;
import java.util.ArrayList;
import java.util.List;

/** Where the ways lead of which only one is taken. */
final class Outcomes {

  private record Outcome(State state, Flow flow) {}

  private final List<Outcome> all = new ArrayList<>();

  Outcomes add(State state, Flow flow) {
    all.add(new Outcome(state, flow));
    return this;
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /** Makes one state of all those in which it goes on, and returns where. */
  Flow merge(State into) {
    List<Outcome> going = all.stream().filter(outcome -> !outcome.flow.isEnd()).toList();
    if (going.isEmpty()) {
      return all.stream().map(Outcome::flow).reduce(Flow.REPLACED, Flow::orNearer);
    }
    State merged = going.getFirst().state;
    Flow flow = going.getFirst().flow;
    String output = merged.output.text();
    boolean same = true;
    for (Outcome outcome : going.subList(1, going.size())) {
      merged.merge(outcome.state);
      flow = flow.orNearer(outcome.flow);
      same &= output.equals(outcome.state.output.text());
    }
    into.output.write(same ? output : Unknown.TEXT);
    into.become(merged);
    if (all.stream().anyMatch(outcome -> outcome.flow == Flow.REPLACED)) {
      into.certainty = into.certainty.orLess(Certainty.LIKELY);
    }
    return flow;
  }
}
