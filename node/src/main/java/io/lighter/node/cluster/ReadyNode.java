package io.lighter.node.cluster;

import io.lighter.node.NodeException.HostFailure;
import io.lighter.node.cluster.KubernetesApi.Reply;
import io.lighter.node.restart.NodeReadiness;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/**
 * The Ready condition of a node. It counts only after it held for a while: kubelet reports every
 * ten seconds, so right after a restart the API still tells what was true before.
 */
public final class ReadyNode implements NodeReadiness {
  private final KubernetesApi api;
  private final String node;
  private final Duration steady;
  private final Duration pause;

  /**
   * A node of the cluster.
   *
   * @param steady how long it has to be Ready without a break
   * @param pause between two looks
   */
  public ReadyNode(KubernetesApi api, String node, Duration steady, Duration pause) {
    this.api = api;
    this.node = node;
    this.steady = steady;
    this.pause = pause;
  }

  @Override
  public boolean await(Duration limit) {
    long start = System.nanoTime();
    long since = start;
    boolean steadily = false;
    while (System.nanoTime() - start < limit.toNanos()) {
      boolean ready = isReady();
      if (!ready || !steadily) {
        since = System.nanoTime();
      }
      steadily = ready;
      if (steadily && System.nanoTime() - since >= steady.toNanos()) {
        return true;
      }
      LockSupport.parkNanos(pause.toNanos());
    }
    return false;
  }

  // The API server may run on this node and be unreachable for a moment.
  private boolean isReady() {
    try {
      Reply reply = api.get("/api/v1/nodes/" + node);
      for (JsonNode condition : reply.body().at("/status/conditions")) {
        if (condition.path("type").asString("").equals("Ready")) {
          return condition.path("status").asString("").equals("True");
        }
      }
      return false;
    } catch (HostFailure _) {
      return false;
    }
  }
}
