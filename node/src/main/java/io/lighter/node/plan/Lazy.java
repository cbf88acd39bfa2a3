package io.lighter.node.plan;

/** Whether containers of a node read layers of Lighter before they have arrived. */
public enum Lazy {
  /** If the node has what it takes; otherwise images are pulled whole, through Lighter. */
  AUTO,
  /** The node has to have what it takes, or nothing is changed. */
  REQUIRE,
  /** Images are pulled whole, through Lighter. */
  OFF
}
