package io.lighter.node.cluster;

import io.lighter.node.NodeException.HostFailure;
import io.lighter.node.NodeException.Refused;
import io.lighter.node.cluster.KubernetesApi.Reply;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** The pods of a DaemonSet in the namespace of this pod: one for each node, ready when it is. */
public final class NodePods {
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final String NODE_OF_WAITING =
      "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution"
          + "/nodeSelectorTerms/0/matchFields/0/values/0";

  private final KubernetesApi api;
  private final String daemonSet;
  private final Duration pause;

  /**
   * Pods of a DaemonSet.
   *
   * @param pause between two looks
   */
  public NodePods(KubernetesApi api, String daemonSet, Duration pause) {
    this.api = api;
    this.daemonSet = daemonSet;
    this.pause = pause;
  }

  /**
   * Waits until the pods of all nodes are ready, or the limit is over; blocks. An API server that
   * does not answer is waited for, too: it may run on a node that restarts.
   *
   * @param changed is told how things stand, whenever that changed
   * @return how things stand at the end
   * @throws Refused if there is no such DaemonSet, or it may not be read
   */
  public Standing awaitReady(Duration limit, Consumer<Standing> changed) {
    long start = System.nanoTime();
    var standing = new Standing(false, 0, List.of(), List.of());
    while (true) {
      Standing now = lookAgain(standing);
      if (!now.equals(standing)) {
        standing = now;
        changed.accept(now);
      }
      if (standing.isComplete() || System.nanoTime() - start >= limit.toNanos()) {
        return standing;
      }
      LockSupport.parkNanos(pause.toNanos());
    }
  }

  private Standing lookAgain(Standing before) {
    try {
      return look();
    } catch (HostFailure _) {
      return before;
    }
  }

  private Standing look() {
    JsonNode set =
        found("/apis/apps/v1/namespaces/" + api.namespace() + "/daemonsets/" + daemonSet);
    String labels =
        set.at("/spec/selector/matchLabels").properties().stream()
            .map(label -> label.getKey() + "=" + label.getValue().asString(""))
            .collect(Collectors.joining(","));
    JsonNode pods =
        found(
            "/api/v1/namespaces/"
                + api.namespace()
                + "/pods?labelSelector="
                + URLEncoder.encode(labels, StandardCharsets.UTF_8));
    var ready = new ArrayList<String>();
    var waiting = new ArrayList<String>();
    String uid = set.at("/metadata/uid").asString("");
    for (JsonNode pod : pods.path("items")) {
      if (isOf(uid, pod)) {
        (isReady(pod) ? ready : waiting).add(node(pod));
      }
    }
    boolean counted =
        set.at("/status/observedGeneration").asLong(0) >= set.at("/metadata/generation").asLong(1);
    return new Standing(
        counted,
        set.at("/status/desiredNumberScheduled").asInt(0),
        ready.stream().sorted().toList(),
        waiting.stream().sorted().toList());
  }

  private JsonNode found(String path) {
    Reply reply = api.get(path);
    if (reply.succeeded()) {
      return reply.body();
    }
    String answer = "the Kubernetes API answers " + path + " with code " + reply.status();
    if (reply.status() == FORBIDDEN || reply.status() == NOT_FOUND) {
      throw new Refused(answer);
    }
    throw new HostFailure(answer);
  }

  // Pods of an earlier DaemonSet of the same name end only a while after it.
  private static boolean isOf(String set, JsonNode pod) {
    for (JsonNode owner : pod.at("/metadata/ownerReferences")) {
      if (owner.path("uid").asString("").equals(set)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isReady(JsonNode pod) {
    for (JsonNode condition : pod.at("/status/conditions")) {
      if (condition.path("type").asString("").equals("Ready")) {
        return condition.path("status").asString("").equals("True");
      }
    }
    return false;
  }

  // Before it is scheduled, the pod of a DaemonSet names its node in its affinity.
  private static String node(JsonNode pod) {
    String node = pod.at("/spec/nodeName").asString("");
    return node.isEmpty() ? pod.at(NODE_OF_WAITING).asString("?") : node;
  }

  /**
   * How the pods stand.
   *
   * @param counted whether Kubernetes has counted the nodes since the DaemonSet changed
   * @param nodes how many nodes are to have one
   * @param ready nodes whose pod is ready
   * @param waiting nodes whose pod is not
   */
  public record Standing(boolean counted, int nodes, List<String> ready, List<String> waiting) {
    public Standing {
      ready = List.copyOf(ready);
      waiting = List.copyOf(waiting);
    }

    /** Whether every node's pod is ready. */
    public boolean isComplete() {
      return counted && waiting.isEmpty() && ready.size() >= nodes;
    }

    /** Nodes that have no pod yet. */
    public int unseen() {
      return Math.max(0, nodes - ready.size() - waiting.size());
    }
  }
}
