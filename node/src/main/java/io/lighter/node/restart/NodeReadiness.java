package io.lighter.node.restart;

import java.time.Duration;

/** Whether the cluster counts on this node. */
@FunctionalInterface
public interface NodeReadiness {
  /** Where there is no cluster to ask. */
  NodeReadiness UNASKED = _ -> true;

  /** Waits until the node is Ready and stays so; false if it is not within the limit. Blocks. */
  boolean await(Duration limit);
}
