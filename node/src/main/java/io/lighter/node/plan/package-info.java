/**
 * What has to be on a node, worked out from what was there before Lighter came. Nothing here
 * writes: a planner reads a {@link io.lighter.node.plan.NodeView} and answers with whole files, or
 * refuses. One class per runtime, and one per file format that several of them share. Begin reading
 * at {@link io.lighter.node.plan.NodePlanner}.
 */
@NullMarked
package io.lighter.node.plan;

import org.jspecify.annotations.NullMarked;
