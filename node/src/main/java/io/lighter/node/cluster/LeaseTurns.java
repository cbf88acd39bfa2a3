package io.lighter.node.cluster;

import io.lighter.node.NodeException.HostFailure;
import io.lighter.node.NodeException.Refused;
import io.lighter.node.cluster.KubernetesApi.Reply;
import io.lighter.node.restart.RestartTurns;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * One node at a time, by a Lease in the namespace of the pod. A rolling update of the DaemonSet
 * alone would not do: when it is created, all of its pods start at once.
 *
 * <p>Whoever restarts holds the Lease. A holder that vanished loses it after its duration, measured
 * by the clock of the one who waits. A node that failed writes so into the Lease, and then no other
 * node restarts until an operator has deleted it.
 */
public final class LeaseTurns implements RestartTurns {
  private static final int NOT_FOUND = 404;
  private static final String HALTED = "lighter.io/halted";
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final KubernetesApi api;
  private final String name;
  private final String node;
  private final Duration duration;
  private final Duration pause;

  /**
   * Turns by a Lease.
   *
   * @param duration longer than any restart may take
   * @param pause between two looks at a Lease that somebody else holds
   */
  public LeaseTurns(
      KubernetesApi api, String name, String node, Duration duration, Duration pause) {
    this.api = api;
    this.name = name;
    this.node = node;
    this.duration = duration;
    this.pause = pause;
  }

  @Override
  public Turn take() {
    String seen = "";
    long seenAt = System.nanoTime();
    while (true) {
      Reply there = api.get(lease());
      if (there.status() == NOT_FOUND) {
        if (api.post(leases(api), held(null)).succeeded()) {
          return new Held();
        }
      } else if (!there.succeeded()) {
        throw new HostFailure(
            "the service account may not read the Lease " + name + ": code " + there.status());
      } else {
        refuseIfHalted(there);
        String version = there.body().at("/metadata/resourceVersion").asString("");
        if (!version.equals(seen)) {
          seen = version;
          seenAt = System.nanoTime();
        }
        String holder = there.body().at("/spec/holderIdentity").asString("");
        boolean free =
            holder.isEmpty()
                || holder.equals(node)
                || System.nanoTime() - seenAt > duration.toNanos();
        if (free && api.put(lease(), held(version)).succeeded()) {
          return new Held();
        }
      }
      LockSupport.parkNanos(pause.toNanos());
      if (Thread.currentThread().isInterrupted()) {
        throw new HostFailure("interrupted while waiting for the turn to restart");
      }
    }
  }

  /** Removes the Lease, when no node takes turns any more. */
  public static void forget(KubernetesApi api, String name) {
    Reply reply = api.delete(leases(api) + "/" + name);
    if (!reply.succeeded() && reply.status() != NOT_FOUND) {
      throw new HostFailure(
          "the service account may not delete the Lease " + name + ": code " + reply.status());
    }
  }

  private void refuseIfHalted(Reply lease) {
    String reason = lease.body().at("/metadata/annotations").path(HALTED).asString("");
    if (!reason.isEmpty() && !reason.startsWith(node + ": ")) {
      throw new Refused(
          "no node restarts any more, because one failed: "
              + reason
              + " When that is mended, delete the Lease "
              + name
              + " in namespace "
              + api.namespace());
    }
  }

  private static String leases(KubernetesApi api) {
    return "/apis/coordination.k8s.io/v1/namespaces/" + api.namespace() + "/leases";
  }

  private String lease() {
    return leases(api) + "/" + name;
  }

  private ObjectNode held(@Nullable String version) {
    ObjectNode lease = named(version);
    ObjectNode spec = lease.putObject("spec");
    spec.put("holderIdentity", node);
    spec.put("leaseDurationSeconds", duration.toSeconds());
    String now = MICROS.format(Instant.now());
    spec.put("acquireTime", now);
    spec.put("renewTime", now);
    return lease;
  }

  private ObjectNode named(@Nullable String version) {
    ObjectNode lease = JsonMapper.shared().createObjectNode();
    lease.put("apiVersion", "coordination.k8s.io/v1");
    lease.put("kind", "Lease");
    ObjectNode metadata = lease.putObject("metadata");
    metadata.put("name", name);
    if (version != null) {
      metadata.put("resourceVersion", version);
    }
    return lease;
  }

  private final class Held implements Turn {
    private boolean halted;

    @Override
    public void close() {
      if (!halted) {
        ObjectNode free = current();
        free.putObject("spec");
        api.put(lease(), free);
      }
    }

    @Override
    public void halt(String reason) {
      halted = true;
      ObjectNode lease = current();
      ((ObjectNode) lease.get("metadata"))
          .putObject("annotations")
          .put(HALTED, node + ": " + reason);
      lease.putObject("spec");
      api.put(lease(), lease);
    }

    private ObjectNode current() {
      return named(api.get(lease()).body().at("/metadata/resourceVersion").asString(""));
    }
  }
}
