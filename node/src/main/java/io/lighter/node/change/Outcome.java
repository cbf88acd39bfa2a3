package io.lighter.node.change;

import io.lighter.node.plan.RestartUnit;
import java.util.List;

/**
 * What a run changed.
 *
 * @param changed paths that were written, restored or deleted
 * @param leftAlone why files were not touched that Lighter wrote once
 * @param restarts services that have to start anew before the change has an effect, the ones that
 *     others need first
 */
public record Outcome(List<String> changed, List<String> leftAlone, List<RestartUnit> restarts) {
  public Outcome {
    changed = List.copyOf(changed);
    leftAlone = List.copyOf(leftAlone);
    restarts = List.copyOf(restarts);
  }
}
