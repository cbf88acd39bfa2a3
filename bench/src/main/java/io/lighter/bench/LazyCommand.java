package io.lighter.bench;

import io.lighter.bench.lazy.ColdStart;
import io.lighter.bench.lazy.LazyImage;
import io.lighter.bench.lazy.LazyLayer;
import io.lighter.bench.lazy.Reads;
import io.lighter.bench.load.BenchException;
import io.lighter.bench.load.LoadGenerator;
import io.lighter.bench.trace.Replay;
import io.lighter.bench.trace.Trace;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lighter bench lazy}: cold starts of an image on simulated nodes. */
@Command(
    name = "lazy",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Simulates nodes that start an image lazily: manifest, mounts, prefetch, reads.")
final class LazyCommand implements Callable<Integer> {
  @Parameters(paramLabel = "IMAGE", description = "HOST[:PORT]/NAME[:TAG|@DIGEST].")
  private String image = "";

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description = "Read what was read in this recording, instead of what the model says.")
  private Optional<Path> trace = Optional.empty();

  @Option(
      names = "--share",
      paramLabel = "PERCENT",
      description =
          "How much of the layers the model reads, prefetched bytes included (default: 6.4).")
  private double share = 6.4;

  @Option(names = "--seed", paramLabel = "N", description = "Of the model's files (default: 1).")
  private long seed = 1;

  @Mixin private NodeOptions nodes = new NodeOptions();
  @Mixin private ServerOptions server = new ServerOptions();
  @Mixin private ResultOptions result = new ResultOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    if (!(share >= 0 && share <= 100)) {
      throw new BenchException("--share %s is not allowed; allowed: 0 to 100".formatted(share));
    }
    try (LoadGenerator generator = server.generator();
        var interruption = new Interruption()) {
      LazyImage found = nodes.image(generator, ImageName.parse(image), server.headers());
      Reads reads =
          trace
              .map(file -> new Replay(Trace.read(file).untilReady(), found).reads())
              .orElseGet(() -> Reads.model(found.layers(), share / 100, seed));
      describe(found, reads);
      return result.report(
          nodes.run(
              found,
              ColdStart.plan(found, reads),
              server,
              result.label("server"),
              interruption::requested));
    }
  }

  private void describe(LazyImage found, Reads reads) {
    PrintWriter out = spec.commandLine().getOut();
    long lazy = found.layers().stream().filter(LazyLayer::lazy).count();
    long ahead =
        found.layers().stream().filter(LazyLayer::lazy).mapToLong(LazyLayer::prefetch).sum();
    long read = reads.windows().stream().mapToLong(window -> window.range().length()).sum();
    out.printf(
        "%d of %d layers are lazy; %d bytes are fetched ahead, %d more are read in %d requests%n",
        lazy, found.layers().size(), ahead, read, reads.windows().size());
    out.flush();
  }
}
