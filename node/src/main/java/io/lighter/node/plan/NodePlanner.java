package io.lighter.node.plan;

import io.lighter.node.NodeException.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Finds the runtime of a node and lets the planner of that runtime say what has to be there. */
public final class NodePlanner {
  private static final List<String> CONTAINERD =
      List.of("/usr/bin/containerd", "/usr/local/bin/containerd");
  private static final List<String> CRIO = List.of("/usr/bin/crio", "/etc/crio");

  private NodePlanner() {}

  /**
   * What has to be on a node; pure but for what it reads through the view.
   *
   * @throws Refused if the node is not understood or contradicts the wish
   */
  public static NodePlan plan(NodeView node, Wish wish) {
    RuntimeKind kind = wish.runtime().orElseGet(() -> find(node, wish));
    RuntimePlanner planner =
        switch (kind) {
          case CONTAINERD -> new ContainerdPlanner(node, wish);
          case K3S, RKE2 -> new RancherPlanner(node, wish, kind);
          case CRIO, PODMAN -> new ContainersPlanner(node, wish, kind);
        };
    return planner.plan();
  }

  private static RuntimeKind find(NodeView node, Wish wish) {
    for (RuntimeKind rancher : List.of(RuntimeKind.K3S, RuntimeKind.RKE2)) {
      String name = rancher.name().toLowerCase(Locale.ROOT);
      if (node.exists(RancherPlanner.generatedConfig(name))) {
        return rancher;
      }
    }
    var found = new ArrayList<RuntimeKind>();
    if (node.exists(wish.containerdConfig()) || CONTAINERD.stream().anyMatch(node::exists)) {
      found.add(RuntimeKind.CONTAINERD);
    }
    if (CRIO.stream().anyMatch(node::exists)) {
      found.add(RuntimeKind.CRIO);
    }
    if (found.size() != 1) {
      throw new Refused(
          (found.isEmpty()
                  ? "no containerd, k3s, RKE2 or CRI-O was found below the root folder"
                  : "this node has both containerd and CRI-O")
              + "; say which runtime to set up with --runtime");
    }
    return found.getFirst();
  }
}
