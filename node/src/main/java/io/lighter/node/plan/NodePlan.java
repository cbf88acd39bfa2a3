package io.lighter.node.plan;

import java.util.List;

/**
 * What has to be on a node.
 *
 * @param runtime the runtime that was found or named
 * @param files in the order in which they are written
 * @param lazy whether images will be read lazily
 * @param notes what an operator should know, among it why a node is not lazy
 */
public record NodePlan(
    RuntimeKind runtime, List<DesiredFile> files, boolean lazy, List<String> notes) {
  public NodePlan {
    files = List.copyOf(files);
    notes = List.copyOf(notes);
  }
}
