package io.lighter.node.plan;

/** Knows the files of one kind of runtime. */
interface RuntimePlanner {
  /**
   * What has to be there.
   *
   * @throws io.lighter.node.NodeException.Refused if the node has something that contradicts it
   */
  NodePlan plan();
}
