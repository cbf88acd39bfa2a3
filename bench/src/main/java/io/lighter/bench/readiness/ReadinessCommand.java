package io.lighter.bench.readiness;

import io.lighter.bench.load.BenchException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lighter bench readiness}: cold starts of real containers, by the ways to pull them. */
@Command(
    name = "readiness",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Starts containers on a node that has nothing of their images, and tells pull, start and ready apart.",
      "Needs root, and a containerd whose caches it may remove."
    })
public final class ReadinessCommand implements Callable<Integer> {
  @Parameters(paramLabel = "ARMS.json", description = "What is compared, see docs/readiness.md.")
  private Path arms = Path.of("");

  @Option(
      names = "--image",
      paramLabel = "NAME",
      description = "Only arms of this image; several times for several.")
  private Set<String> images = Set.of();

  @Option(names = "--rounds", paramLabel = "N", description = "Each arm once in each (default: 5).")
  private int rounds = 5;

  @Option(
      names = "--add",
      paramLabel = "RUNS.json",
      description = "A file that --json wrote earlier; its runs come before the new ones.")
  private Optional<Path> earlier = Optional.empty();

  @Option(names = "--json", paramLabel = "FILE", description = "Write the result to this file too.")
  private Optional<Path> json = Optional.empty();

  @Option(names = "--chart", paramLabel = "FILE.svg", description = "Draw the result.")
  private Optional<Path> chart = Optional.empty();

  @Mixin private NodeChoice node = new NodeChoice();
  @Spec private CommandSpec spec = CommandSpec.create();

  private final AtomicBoolean stopped = new AtomicBoolean();

  @Override
  public Integer call() {
    if (rounds < 0) {
      throw new BenchException("--rounds %d is not allowed; allowed: 0 or more".formatted(rounds));
    }
    Instant started = Instant.now();
    ArmsFile file = ArmsFile.read(arms);
    List<Arm> chosen = file.of(images);
    var runs =
        new ArrayList<Run>(earlier.map(one -> ReadinessFile.read(one).runs()).orElse(List.of()));
    try {
      if (rounds > 0) {
        experiment(
            file,
            chosen,
            nextRound(chosen, runs),
            run -> {
              runs.add(run);
              print(run);
            });
      }
    } finally { // A node that does not get cold at the end takes no run back.
      report(started, runs, Summary.of(file.arms(), runs));
    }
    return runs.stream().allMatch(run -> run.error().isEmpty()) ? 0 : 1;
  }

  private void experiment(ArmsFile file, List<Arm> chosen, int first, Consumer<Run> seen) {
    var stop = new Thread(() -> stopped.set(true), "readiness-interruption");
    Runtime.getRuntime().addShutdownHook(stop);
    var experiment =
        new Experiment(
            node.node(chosen),
            ProcessShell.here(),
            file.counters(),
            node.limit(),
            System::nanoTime);
    experiment.run(chosen, first, rounds, seen, stopped::get);
    if (!stopped.get()) {
      Runtime.getRuntime().removeShutdownHook(stop);
    }
  }

  /** Rounds of different images may differ in number; those of the same go on where they ended. */
  private static int nextRound(List<Arm> chosen, List<Run> runs) {
    return 1
        + runs.stream()
            .filter(run -> chosen.stream().anyMatch(arm -> arm.image().equals(run.image())))
            .mapToInt(Run::round)
            .max()
            .orElse(0);
  }

  private void print(Run run) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "round %d: %s, %s: %s%n",
        run.round(),
        run.image(),
        run.arm(),
        run.error()
            .map(error -> "FAILED: " + error)
            .orElseGet(() ->
                String.format(
                    Locale.ROOT,
                    "pull %.2f s, start %.2f s, ready %.2f s, total %.2f s",
                    run.pull(),
                    run.start(),
                    run.ready(),
                    run.total())));
    out.flush();
  }

  private void report(Instant started, List<Run> runs, List<Summary> summaries) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(ReadinessTable.of(summaries));
    out.flush();
    json.ifPresent(target -> ReadinessFile.of(started, runs, summaries).write(target));
    chart.ifPresent(target -> {
      try {
        Files.writeString(target, ReadinessChart.of(summaries));
      } catch (IOException e) {
        throw new BenchException("%s cannot be written: %s".formatted(target, e.getMessage()), e);
      }
    });
  }
}
