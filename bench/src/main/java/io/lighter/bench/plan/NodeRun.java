package io.lighter.bench.plan;

import io.lighter.bench.load.Call;
import io.lighter.bench.load.LoadGenerator;
import io.lighter.bench.load.Outcome;
import io.lighter.bench.load.Target;
import io.lighter.bench.load.Wire;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/** One node on its way through a plan. In the thread of the load generator only. */
final class NodeRun {
  /** Hears of each exchange, and of the end. */
  interface Listener {
    void ended(Kind kind, Call call, Outcome outcome);

    void over(NodeRun node);
  }

  private final LoadGenerator generator;
  private final Target target;
  private final List<PlannedCall> plan;
  private final Listener listener;
  private final int[] missing;
  private final List<List<Integer>> dependents = new ArrayList<>();
  private final Map<Integer, Lane> lanes = new HashMap<>();
  private final Map<Kind, Long> ends = new EnumMap<>(Kind.class);
  private final long start = System.nanoTime();
  private int open;
  private long latest;

  private final class Lane {
    final Wire wire = generator.open(target);
    final Queue<Integer> waiting = new ArrayDeque<>();
    boolean busy;
  }

  NodeRun(LoadGenerator generator, Target target, List<PlannedCall> plan, Listener listener) {
    this.generator = generator;
    this.target = target;
    this.plan = plan;
    this.listener = listener;
    this.missing = new int[plan.size()];
    this.open = plan.size();
    plan.forEach(_ -> dependents.add(new ArrayList<>()));
    for (int i = 0; i < plan.size(); i++) {
      missing[i] = plan.get(i).after().size();
      for (int before : plan.get(i).after()) {
        dependents.get(before).add(i);
      }
    }
  }

  void begin() {
    if (plan.isEmpty()) {
      listener.over(this);
      return;
    }
    for (int i = 0; i < plan.size(); i++) {
      if (plan.get(i).after().isEmpty()) {
        ready(i);
      }
    }
  }

  /** Nothing has to end before it any more; its time may not have come. */
  private void ready(int number) {
    long early = plan.get(number).at().toNanos() - (System.nanoTime() - start);
    if (early > 0) {
      generator.schedule(() -> queue(number), Duration.ofNanos(early));
    } else {
      queue(number);
    }
  }

  private void queue(int number) {
    long at = plan.get(number).at().toNanos();
    if (at > 0) {
      latest = Math.max(latest, System.nanoTime() - start - at);
    }
    Lane lane = lanes.computeIfAbsent(plan.get(number).lane(), _ -> new Lane());
    if (lane.busy) {
      lane.waiting.add(number);
    } else {
      send(lane, number);
    }
  }

  private void send(Lane lane, int number) {
    lane.busy = true;
    lane.wire.send(
        plan.get(number).call().get(), (call, outcome) -> ended(lane, number, call, outcome));
  }

  /** A failed request holds nothing up: what a client would do then is another measurement. */
  private void ended(Lane lane, int number, Call call, Outcome outcome) {
    Kind kind = plan.get(number).kind();
    ends.merge(kind, outcome.end() - start, Math::max);
    listener.ended(kind, call, outcome);
    lane.busy = false;
    Integer next = lane.waiting.poll();
    if (next != null) {
      send(lane, next);
    }
    for (int dependent : dependents.get(number)) {
      if (--missing[dependent] == 0) {
        ready(dependent);
      }
    }
    if (--open == 0) {
      lanes.values().forEach(one -> generator.close(one.wire));
      listener.over(this);
    }
  }

  /** Nanoseconds from the start of the node to the end of the last request of each kind. */
  Map<Kind, Long> ends() {
    return ends;
  }

  /** Nanoseconds that the request which was sent latest after its time was late. */
  long latest() {
    return latest;
  }
}
