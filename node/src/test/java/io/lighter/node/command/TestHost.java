package io.lighter.node.command;

import io.lighter.node.change.NodeChanges;
import io.lighter.node.host.HostCommands;
import io.lighter.node.host.HostFiles;
import io.lighter.node.host.Steps;
import io.lighter.node.plan.Lazy;
import io.lighter.node.plan.NodePlan;
import io.lighter.node.plan.NodePlanner;
import io.lighter.node.plan.RuntimeKind;
import io.lighter.node.plan.Upstream;
import io.lighter.node.plan.Wish;
import io.lighter.node.restart.RestartTurns;
import io.lighter.node.restart.Restarter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A host made of a folder, with services that answer as a test wants. */
final class TestHost {
  static final Path NODES = Path.of("src/test/resources/nodes");

  /** Folders that every host has. */
  private static final List<String> FOLDERS = List.of("etc", "run", "var/lib");

  final Path root;
  Optional<RuntimeKind> runtime = Optional.empty();
  final List<String> commands = new ArrayList<>();
  Set<String> silentSockets = Set.of();
  Function<String, HostCommands.Outcome> answers = TestHost::healthy;

  TestHost(Path root) {
    this.root = root;
    for (String folder : FOLDERS) {
      make(root.resolve(folder));
    }
  }

  /** A host with the files of a folder of test resources. */
  static TestHost like(Path resources, Path root) {
    var host = new TestHost(root);
    try (Stream<Path> files = Files.walk(resources)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = root.resolve(resources.relativize(file).toString());
        make(target.getParent());
        Files.copy(file, target);
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-r-----"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return host;
  }

  /** Everything that a healthy host says to the commands that are used. */
  static HostCommands.Outcome healthy(String command) {
    return command.contains(" plugins ls")
        ? new HostCommands.Outcome(
            0,
            """
            TYPE                      ID     PLATFORMS      STATUS
            io.containerd.grpc.v1     cri    linux/amd64    ok
            """)
        : new HostCommands.Outcome(0, "");
  }

  HostFiles files(Steps steps) {
    return new HostFiles(root, steps);
  }

  NodeChanges changes(Steps steps) {
    return new NodeChanges(files(steps), socket -> !silentSockets.contains(socket));
  }

  NodeSetup setup() {
    HostCommands recording =
        (_, command) -> {
          String line = String.join(" ", command);
          commands.add(line);
          return answers.apply(line);
        };
    return new NodeSetup(
        files(Steps.UNWATCHED),
        changes(Steps.UNWATCHED),
        recording,
        Optional.of(
            new Restarter(recording, RestartTurns.ALWAYS, _ -> true, Duration.ofMillis(300))));
  }

  NodePlan plan(Wish wish) {
    return NodePlanner.plan(changes(Steps.UNWATCHED).original(), wish);
  }

  NodeReport setUp() {
    NodeSetup setup = setup();
    Wish any = wish();
    Wish wish =
        new Wish(
            any.registry(),
            any.upstreams(),
            any.lazy(),
            runtime,
            any.dialTimeout(),
            any.containerdConfig(),
            any.acceptDiscarded(),
            any.snapshotter());
    return setup.apply(setup.plan(wish), wish.containerdConfig());
  }

  static Wish wish() {
    return wish("docker.io", "quay.io");
  }

  static Wish wish(String... upstreams) {
    return wish(Lazy.AUTO, upstreams);
  }

  static Wish wish(Lazy lazy, String... upstreams) {
    return new Wish(
        URI.create("http://localhost:30500"),
        Stream.of(upstreams).map(Upstream::parse).toList(),
        lazy,
        Optional.empty(),
        Duration.ofMillis(500),
        "/etc/containerd/config.toml",
        false,
        Optional.empty());
  }

  void write(String path, String text) {
    try {
      Path file = root.resolve(path.substring(1));
      make(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String read(String path) {
    try {
      return Files.readString(root.resolve(path.substring(1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every file with its permissions and bytes, and every folder. */
  Map<String, String> tree() {
    var tree = new TreeMap<String, String>();
    try (Stream<Path> entries = Files.walk(root)) {
      for (Path entry : entries.toList()) {
        String name = "/" + root.relativize(entry);
        tree.put(
            name,
            Files.isDirectory(entry)
                ? "folder"
                : PosixFilePermissions.toString(Files.getPosixFilePermissions(entry))
                    + "\n"
                    + new String(Files.readAllBytes(entry), StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return tree;
  }

  private static void make(@Nullable Path folder) {
    try {
      Files.createDirectories(Objects.requireNonNull(folder));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
