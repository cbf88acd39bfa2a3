package io.lighter.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.node.NodeException.Refused;
import io.lighter.node.cluster.NodePods.Standing;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodePodsTest {
  private static final String SET = "/apis/apps/v1/namespaces/lighter/daemonsets/putting-back";
  private static final String PODS = "/api/v1/namespaces/lighter/pods";
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final Duration LONG = Duration.ofSeconds(30);

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

  private Standing await(Duration limit, List<Standing> changes) {
    return new NodePods(api.client(), "putting-back", Duration.ofMillis(2))
        .awaitReady(limit, changes::add);
  }

  private void set(int generation, int observed, int desired) {
    api.put(
        SET,
        """
        {"metadata": {"name": "putting-back", "uid": "new", "generation": %d},
         "spec": {"selector": {"matchLabels": {"app": "lighter", "part": "removal"}}},
         "status": {"observedGeneration": %d, "desiredNumberScheduled": %d}}
        """
            .formatted(generation, observed, desired));
  }

  private void pods(String... pods) {
    api.put(PODS, "{\"metadata\": {}, \"items\": [%s]}".formatted(String.join(",", List.of(pods))));
  }

  private static String pod(String node, boolean ready) {
    return pod("new", node, ready);
  }

  private static String pod(String owner, String node, boolean ready) {
    return """
    {"metadata": {"ownerReferences": [{"uid": "%s"}]},
     "spec": {"nodeName": "%s"}, "status": {"conditions": [{"type": "Ready", "status": "%s"}]}}
    """
        .formatted(owner, node, ready ? "True" : "False");
  }

  private static String unscheduled(String node) {
    return """
    {"metadata": {"ownerReferences": [{"uid": "new"}]}, "spec": {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution":
      {"nodeSelectorTerms": [{"matchFields": [{"key": "metadata.name", "values": ["%s"]}]}]}}}}}
    """
        .formatted(node);
  }

  @Test
  void awaitReady_allReady_isCompleteAndAsksForThePodsOfTheSet() {
    set(1, 1, 2);
    pods(pod("node2", true), pod("node1", true));
    var changes = new ArrayList<Standing>();
    Standing end = await(LONG, changes);
    assertThat(end).isEqualTo(new Standing(true, 2, List.of("node1", "node2"), List.of()));
    assertThat(end.isComplete()).isTrue();
    assertThat(changes).containsExactly(end);
    assertThat(api.queries()).contains("labelSelector=app=lighter,part=removal");
  }

  @Test
  void awaitReady_oneReadyLater_waitsForItAndTellsOfTheChange() {
    set(1, 1, 2);
    pods(pod("node1", true), pod("node2", false));
    var changes = new ArrayList<Standing>();
    Standing end =
        new NodePods(api.client(), "putting-back", Duration.ofMillis(2))
            .awaitReady(
                LONG,
                standing -> {
                  changes.add(standing);
                  pods(pod("node1", true), pod("node2", true));
                });
    assertThat(end.isComplete()).isTrue();
    assertThat(changes).extracting(Standing::waiting).containsExactly(List.of("node2"), List.of());
  }

  @Test
  void awaitReady_beyondTheLimit_namesTheNodesThatAreLeft() {
    set(1, 1, 4);
    pods(pod("node1", true), pod("node3", false), unscheduled("node2"));
    Standing end = await(SHORT, new ArrayList<>());
    assertThat(end.isComplete()).isFalse();
    assertThat(end.waiting()).containsExactly("node2", "node3");
    assertThat(end.unseen()).isEqualTo(1);
  }

  @Test
  void awaitReady_podsOfAnEarlierDaemonSet_doNotCount() {
    set(1, 1, 1);
    pods(pod("old", "node1", true));
    Standing end = await(SHORT, new ArrayList<>());
    assertThat(end.isComplete()).isFalse();
    assertThat(end.unseen()).isEqualTo(1);
  }

  @Test
  void awaitReady_nodesNotCountedYet_isNotComplete() {
    set(2, 1, 0);
    pods();
    assertThat(await(SHORT, new ArrayList<>()).isComplete()).isFalse();
  }

  @Test
  void awaitReady_noSuchDaemonSet_refuses() {
    assertThatThrownBy(() -> await(LONG, new ArrayList<>()))
        .isInstanceOf(Refused.class)
        .hasMessageContaining(SET)
        .hasMessageContaining("404");
  }

  @Test
  void awaitReady_apiThatDoesNotAnswer_isWaitedForUntilTheLimit() {
    NodePods pods = new NodePods(api.client(), "putting-back", Duration.ofMillis(2));
    api.close();
    assertThat(pods.awaitReady(SHORT, _ -> {}).isComplete()).isFalse();
  }
}
