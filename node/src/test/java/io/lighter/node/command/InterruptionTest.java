package io.lighter.node.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.node.change.NodeChanges;
import io.lighter.node.command.NodeReport.State;
import io.lighter.node.host.Steps;
import io.lighter.node.plan.Lazy;
import io.lighter.node.plan.NodePlanner;
import io.lighter.node.plan.Wish;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A program that is killed between any two steps, again and again, does no harm. */
class InterruptionTest {
  private static final Wish WISH = TestHost.wish();
  private static final Wish ANOTHER = TestHost.wish(Lazy.OFF, "docker.io", "ghcr.io");

  @TempDir private Path folder;

  /** One of each kind: a file that is edited, a drop-in, files of k3s and of CRI-O. */
  private static final List<String> ALL =
      List.of("kubeadm-containerd-1.7", "containerd-2.4-drop-ins", "k3s", "crio");

  static Stream<String> layouts() {
    return ALL.stream().limit(2);
  }

  static IntStream seeds() {
    return IntStream.range(0, 40);
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void setUp_killedBeforeEachStep_isCompletedByTheNextRun(String layout) {
    TestHost whole = host(layout, "whole");
    Map<String, String> wanted = setUpWhole(whole, WISH);
    for (int at = 0; ; at++) {
      TestHost host = host(layout, "setup-" + at);
      Map<String, String> before = host.tree();
      boolean killed = isKilled(at, steps -> setUp(host, WISH, steps));
      assertEachFileIsOneOf(host.tree(), before, wanted);
      assertThat(host.setUp().state()).isEqualTo(State.DONE);
      assertThat(settled(host)).isEqualTo(wanted);
      assertThat(host.setup().remove().state()).isEqualTo(State.REMOVED);
      assertThat(host.tree()).isEqualTo(before);
      if (!killed) {
        assertThat(at).isGreaterThan(10);
        return;
      }
    }
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void remove_killedBeforeEachStep_isCompletedByTheNextRun(String layout) {
    for (int at = 0; ; at++) {
      TestHost host = host(layout, "remove-" + at);
      Map<String, String> before = host.tree();
      Map<String, String> wanted = setUpWhole(host, WISH);
      boolean killed =
          isKilled(
              at,
              steps -> {
                NodeChanges changes = host.changes(steps);
                changes.remove(_ -> false);
                changes.forget();
              });
      assertEachFileIsOneOf(host.tree(), before, wanted);
      assertThat(host.setup().remove().state()).isEqualTo(State.REMOVED);
      assertThat(host.tree()).isEqualTo(before);
      if (!killed) {
        return;
      }
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void setUpChangeAndRemove_killedAtRandom_neverLoseWhatWasThere(int seed) {
    var random = new Random(seed);
    TestHost host = host(ALL.get(random.nextInt(ALL.size())), "random-" + seed);
    Map<String, String> before = host.tree();
    for (int round = 0; round < 12; round++) {
      int action = random.nextInt(3);
      boolean _ =
          isKilled(
              random.nextInt(60),
              steps -> {
                NodeChanges changes = host.changes(steps);
                if (action == 0) {
                  changes.remove(_ -> false);
                  changes.forget();
                } else {
                  setUp(host, action == 1 ? WISH : ANOTHER, steps);
                }
              });
    }
    assertThat(host.setup().remove().state()).isEqualTo(State.REMOVED);
    assertThat(host.tree()).isEqualTo(before);
  }

  private static Map<String, String> setUpWhole(TestHost host, Wish wish) {
    setUp(host, wish, Steps.UNWATCHED);
    return settled(host);
  }

  // What is pending or done about restarts is not the subject here.
  private static Map<String, String> settled(TestHost host) {
    Map<String, String> tree = host.tree();
    tree.remove("/var/lib/lighter-node/manifest.json");
    return tree;
  }

  private static void setUp(TestHost host, Wish wish, Steps steps) {
    NodeChanges changes = host.changes(steps);
    var _ = changes.apply(NodePlanner.plan(changes.original(), wish));
  }

  private static boolean isKilled(int at, Consumer<Steps> run) {
    try {
      run.accept(new Death(at));
      return false;
    } catch (Killed _) {
      return true;
    }
  }

  /** Every file that a runtime reads is whole: as it was, or as it is wanted. */
  private static void assertEachFileIsOneOf(
      Map<String, String> now, Map<String, String> before, Map<String, String> wanted) {
    Set<String> paths = new HashSet<>(before.keySet());
    paths.addAll(wanted.keySet());
    paths.removeIf(path -> path.startsWith("/var/lib/lighter-node"));
    for (String path : paths) {
      assertThat(Objects.requireNonNullElse(now.get(path), "absent"))
          .as(path)
          .isIn(
              Objects.requireNonNullElse(before.get(path), "absent"),
              Objects.requireNonNullElse(wanted.get(path), "absent"));
    }
  }

  private TestHost host(String layout, String name) {
    return TestHost.like(TestHost.NODES.resolve(layout), folder.resolve(name));
  }

  /** Dies before its n-th step. */
  private static final class Death implements Steps {
    private int left;

    Death(int left) {
      this.left = left;
    }

    @Override
    public void about(String step) {
      if (left-- <= 0) {
        throw new Killed(step);
      }
    }
  }

  private static final class Killed extends RuntimeException {
    Killed(String step) {
      super(step);
    }
  }
}
