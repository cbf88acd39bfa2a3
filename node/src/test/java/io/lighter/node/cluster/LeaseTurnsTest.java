package io.lighter.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.node.NodeException.Refused;
import io.lighter.node.restart.RestartTurns.Turn;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseTurnsTest {
  private static final String LEASE =
      "/apis/coordination.k8s.io/v1/namespaces/lighter/leases/lighter-node";
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration PAUSE = Duration.ofMillis(5);

  @TempDir private Path account;
  private FakeApi api;

  @BeforeEach
  void start() throws IOException {
    api = new FakeApi(account);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private LeaseTurns turns(String node, Duration duration) {
    return new LeaseTurns(api.client(), "lighter-node", node, duration, PAUSE);
  }

  @Test
  void take_manyNodes_neverTwoAtATime() throws InterruptedException {
    var inside = new AtomicInteger();
    var most = new AtomicInteger();
    var done = new CountDownLatch(8);
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < 8; i++) {
      LeaseTurns turns = turns("node" + i, LONG);
      threads.add(
          Thread.startVirtualThread(() -> {
            try (Turn _ = turns.take()) {
              most.accumulateAndGet(inside.incrementAndGet(), Math::max);
              assertThat(api.get(LEASE)).isNotNull();
              inside.decrementAndGet();
            }
            done.countDown();
          }));
    }
    assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(most).hasValue(1);
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Test
  void take_theHolderVanished_getsTheTurnAfterItsDuration() {
    var vanished = turns("node1", LONG).take();
    assertThat(vanished).isNotNull();
    try (Turn _ = turns("node2", Duration.ofMillis(50)).take()) {
      assertThat(String.valueOf(api.get(LEASE))).contains("node2");
    }
  }

  @Test
  void take_itsOwnLeaseFromBeforeItDied_isTakenAtOnce() {
    var first = turns("node1", LONG).take();
    assertThat(first).isNotNull();
    try (Turn _ = turns("node1", LONG).take()) {
      assertThat(String.valueOf(api.get(LEASE))).contains("node1");
    }
  }

  @Test
  void halt_keepsOtherNodesFromGoingOnAndSaysWhy() {
    try (Turn turn = turns("node1", LONG).take()) {
      turn.halt("containerd.service does not answer");
    }
    assertThatThrownBy(() -> turns("node2", LONG).take())
        .isInstanceOf(Refused.class)
        .hasMessageContaining("node1: containerd.service does not answer")
        .hasMessageContaining("delete the Lease lighter-node");
    try (Turn _ = turns("node1", LONG).take()) {
      assertThat(api.get(LEASE)).isNotNull();
    }
  }

  @Test
  void forget_removesTheLeaseAndBearsThatThereIsNone() {
    try (Turn _ = turns("node1", LONG).take()) {
      assertThat(api.get(LEASE)).isNotNull();
    }
    LeaseTurns.forget(api.client(), "lighter-node");
    assertThat(api.get(LEASE)).isNull();
    LeaseTurns.forget(api.client(), "lighter-node");
  }

  @Test
  void await_readyOnlyForAMoment_isNotReady() {
    api.put("/api/v1/nodes/node1", node("True"));
    var ready = new ReadyNode(api.client(), "node1", Duration.ofMillis(30), PAUSE);
    assertThat(ready.await(Duration.ofSeconds(10))).isTrue();
    api.put("/api/v1/nodes/node1", node("False"));
    assertThat(ready.await(Duration.ofMillis(200))).isFalse();
    var steadier = new ReadyNode(api.client(), "node1", Duration.ofSeconds(60), PAUSE);
    api.put("/api/v1/nodes/node1", node("True"));
    assertThat(steadier.await(Duration.ofMillis(200))).isFalse();
  }

  private static String node(String ready) {
    return """
    {"metadata": {"name": "node1"}, "status": {"conditions": [
      {"type": "MemoryPressure", "status": "False"}, {"type": "Ready", "status": "%s"}]}}
    """
        .formatted(ready);
  }
}
