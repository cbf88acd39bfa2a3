package io.lighter.bench.plan;

import io.lighter.bench.load.Call;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * A request of a plan.
 *
 * @param lane the connection that it is sent on
 * @param at how long after the start of the node it is sent, at the earliest
 * @param after the numbers in the plan of requests that have to end before; all smaller than its
 *     own
 * @param call makes the request, once for each node
 */
public record PlannedCall(
    Kind kind, int lane, Duration at, List<Integer> after, Supplier<Call> call) {
  public PlannedCall {
    after = List.copyOf(after);
  }
}
