package io.lighter.bench.readiness;

import io.lighter.bench.load.BenchException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A containerd, told by {@code ctr}. All is done in one of its namespaces, which has to be empty at
 * first and is empty again whenever the node is cold.
 */
final class ContainerdNode implements ColdNode {
  private static final String CONTAINER = "lighter-readiness";
  private static final Duration SHORT = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** From here on, content is more than a manifest that somebody else has, too. */
  private static final long LAYER = 100_000;

  private static final Duration INTERVAL = Duration.ofMillis(100);

  private final NodeShell shell;
  private final ContainerdOptions options;
  private final Ctr ctr;
  private final List<String> snapshotters;
  private final Set<String> elsewhere = new HashSet<>();

  /**
   * A node.
   *
   * @param pulls all kinds of pulls that are asked for
   */
  ContainerdNode(NodeShell shell, ContainerdOptions options, Set<PullKind> pulls) {
    this.shell = shell;
    this.options = options;
    this.ctr = new Ctr(shell, options);
    this.snapshotters = pulls.stream().map(options::snapshotter).distinct().sorted().toList();
  }

  @Override
  public void claim() {
    for (String kind : List.of("images", "containers")) {
      List<String> found = ctr.lines(SHORT, kind, "ls", "-q");
      if (!found.isEmpty()) {
        throw new BenchException(
            "namespace %s of containerd has %s (%s, ...); allowed: one without, because all that is in it is removed"
                .formatted(options.namespace(), kind, found.getFirst()));
      }
    }
    for (String namespace : ctr.lines(SHORT, "namespaces", "ls", "-q")) {
      if (!namespace.equals(options.namespace())) {
        elsewhere.addAll(ctr.in(namespace).lines(SHORT, "content", "ls", "-q"));
      }
    }
  }

  @Override
  public void makeCold() {
    // The first two fail when there is nothing.
    ctr.run(SHORT, "tasks", "delete", "--force", CONTAINER);
    ctr.run(SHORT, "containers", "delete", CONTAINER);
    for (String image : ctr.lines(SHORT, "images", "ls", "-q")) {
      ctr.must(PATIENCE, "images", "rm", "--sync", image);
    }
    if (!options.cold().isEmpty()) {
      must(options.limit(), options.cold());
      await("containerd answers", () -> ctr.run(SHORT, "version").succeeded());
    }
    await("its content is removed", () -> ctr.lines(SHORT, "content", "ls", "-q").isEmpty());
    for (String snapshotter : snapshotters) {
      await(
          "the snapshots of " + snapshotter + " are removed",
          () ->
              ctr.lines(SHORT, "snapshots", "--snapshotter", snapshotter, "ls").stream()
                  .allMatch(line -> line.startsWith("KEY")));
    }
  }

  @Override
  public void pull(Arm arm) {
    must(options.limit(), options.pull(arm));
  }

  @Override
  public RunningContainer start(Arm arm) {
    String output = options.scratch() + "/lighter-readiness.out";
    String process = options.scratch() + "/lighter-readiness.pid";
    Path outputHere = shell.file(output);
    Path processHere = shell.file(process);
    try {
      Files.deleteIfExists(outputHere);
      Files.deleteIfExists(processHere);
      var command = new ArrayList<String>(List.of("run", "-d", "--net-host"));
      command.addAll(List.of("--snapshotter", options.snapshotter(arm.pull())));
      command.addAll(List.of("--log-uri", "file://" + output, "--pid-file", process));
      command.addAll(List.of(arm.reference(), CONTAINER));
      command.addAll(arm.command());
      ctr.must(options.limit(), command.toArray(String[]::new));
      return new Task(Long.parseLong(Files.readString(processHere).strip()), outputHere);
    } catch (IOException | NumberFormatException e) {
      throw new BenchException(
          "the process of %s is not known: %s".formatted(arm, e.getMessage()), e);
    }
  }

  @Override
  public long storedBytes() {
    long bytes = 0;
    for (String line : ctr.lines(SHORT, "content", "ls")) {
      String[] fields = line.split("\t+", -1);
      if (fields.length > 1 && !fields[0].equals("DIGEST")) {
        long size = HumanSize.bytes(fields[1].strip());
        if (size >= LAYER && elsewhere.contains(fields[0])) {
          throw new BenchException(
              "%s is in another namespace of this containerd, so it was not pulled; take an image that the node does not have"
                  .formatted(fields[0]));
        }
        bytes += size;
      }
    }
    return bytes;
  }

  private void must(Duration limit, List<String> command) {
    NodeShell.Outcome outcome = shell.run(limit, command);
    if (!outcome.succeeded()) {
      throw Ctr.failure(command, outcome);
    }
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new BenchException(
            "the node is not cold: waited %d s until %s".formatted(PATIENCE.toSeconds(), what));
      }
      LockSupport.parkNanos(INTERVAL.toNanos());
    }
  }

  private final class Task implements RunningContainer {
    private final Path process;
    private final Path output;

    Task(long process, Path output) {
      this.process = Path.of("/proc/" + process + "/stat");
      this.output = output;
    }

    @Override
    public boolean ended() {
      try {
        String state = Files.readString(process, StandardCharsets.ISO_8859_1);
        return state.charAt(state.lastIndexOf(')') + 2) == 'Z';
      } catch (IOException e) {
        return true;
      }
    }

    @Override
    public String output() {
      try {
        return Files.exists(output) ? Files.readString(output, StandardCharsets.ISO_8859_1) : "";
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public int exitCode(Duration limit) {
      long end = System.nanoTime() + limit.toNanos();
      while (true) {
        // It exits with the code of the process that it removes, and prints only what goes wrong.
        NodeShell.Outcome outcome = ctr.run(SHORT, "tasks", "delete", CONTAINER);
        boolean early = outcome.errors().contains("must be stopped");
        if (!early || System.nanoTime() > end) {
          return outcome.code();
        }
        LockSupport.parkNanos(INTERVAL.toNanos());
      }
    }
  }
}
