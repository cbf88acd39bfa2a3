package io.lighter.bench;

import io.lighter.bench.lazy.LazyImage;
import io.lighter.bench.load.LoadGenerator;
import io.lighter.bench.load.Tally;
import io.lighter.bench.load.Target;
import io.lighter.bench.plan.Nodes;
import io.lighter.bench.plan.PlannedCall;
import io.lighter.bench.process.CpuMeter;
import io.lighter.bench.report.Measurement;
import io.lighter.bench.work.Bench;
import io.lighter.bench.work.Registry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.Option;

/** Options of what simulates nodes, and the run of them. */
final class NodeOptions {
  @Option(names = "--nodes", paramLabel = "N", description = "How many nodes (default: 1).")
  private int nodes = 1;

  @Option(
      names = "--stagger",
      converter = Seconds.class,
      paramLabel = "TIME",
      description = "How long after each other they begin (default: 0s).")
  private Duration stagger = Duration.ZERO;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCHITECTURE",
      description = "Which image of an index (default: linux/amd64).")
  private String platform = "linux/amd64";

  @Option(
      names = "--rehearse",
      paramLabel = "N",
      description =
          "Nodes that go through everything before, one after the other, and do not count; they"
              + " warm up this program, and the server (default: 0).")
  private int rehearsals;

  /** The image of a name on the command line, with what a client would learn of its layers. */
  LazyImage image(LoadGenerator generator, ImageName name, List<String> headers) {
    var registry = new Registry(generator, Target.of(name.server(), headers), name.repository());
    return LazyImage.read(registry, name.reference().toString(), platform);
  }

  /**
   * Has all nodes go through a plan.
   *
   * @return the times of the nodes, then the requests by kind
   */
  List<Bench.Result> run(
      LazyImage image,
      List<PlannedCall> plan,
      ServerOptions server,
      String label,
      BooleanSupplier interrupted) {
    for (int i = 0; i < rehearsals; i++) {
      nodes(image, plan, interrupted).run(1, Duration.ZERO);
    }
    var meter = new CpuMeter(server.pids());
    Nodes.Result result = nodes(image, plan, interrupted).run(nodes, stagger);
    long client = meter.client();
    OptionalLong spent = meter.server();
    var results = new ArrayList<Bench.Result>();
    results.add(line(label, "node: pulled", result.pull(), OptionalLong.empty(), 0));
    results.add(line(label, "node: created", result.start(), OptionalLong.empty(), 0));
    results.add(line(label, "node: ready", result.ready(), spent, client));
    if (result.delay().nanos().getMaxValue() > 0) {
      results.add(line(label, "node: most late", result.delay(), OptionalLong.empty(), 0));
    }
    result
        .kinds()
        .forEach((kind, tally) ->
            results.add(line(label, kind.toString(), tally, OptionalLong.empty(), 0)));
    return results;
  }

  private static Nodes nodes(LazyImage image, List<PlannedCall> plan, BooleanSupplier interrupted) {
    return new Nodes(image.registry().generator(), image.registry().target(), plan, interrupted);
  }

  private Bench.Result line(
      String label, String work, Tally tally, OptionalLong server, long client) {
    return new Bench.Result(Measurement.of(label, work, nodes, tally, server, client), tally);
  }
}
