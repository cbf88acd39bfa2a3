package io.lighter.bench;

import io.lighter.bench.lazy.LazyImage;
import io.lighter.bench.load.BenchException;
import io.lighter.bench.load.LoadGenerator;
import io.lighter.bench.plan.PlannedCall;
import io.lighter.bench.trace.Replay;
import io.lighter.bench.trace.Trace;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lighter bench replay}: the requests of a recorded cold start, again. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Replays a recorded cold start on an image, for any number of nodes.")
final class ReplayCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "TRACE",
      description = "A trace, or a recording proxy's log.")
  private Path trace = Path.of("");

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "IMAGE",
      description = "HOST[:PORT]/NAME[:TAG|@DIGEST]: the recorded image, or one to stand for it.")
  private Optional<String> image = Optional.empty();

  @Option(
      names = "--speed",
      paramLabel = "N",
      description = "How many times faster than recorded (default: as fast as answers come).")
  private double speed = Double.POSITIVE_INFINITY;

  @Option(
      names = "--background",
      description = "Replay what was recorded after the container was ready, too.")
  private boolean background;

  @Option(
      names = "--save",
      paramLabel = "FILE",
      description =
          "Write the trace in the format of this program; nothing is replayed without IMAGE.")
  private Optional<Path> save = Optional.empty();

  @Mixin private NodeOptions nodes = new NodeOptions();
  @Mixin private ServerOptions server = new ServerOptions();
  @Mixin private ResultOptions result = new ResultOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    if (!(speed > 0)) {
      throw new BenchException("--speed %s is not allowed; allowed: more than 0".formatted(speed));
    }
    Trace whole = Trace.read(trace);
    Trace wanted = background ? whole : whole.untilReady();
    save.ifPresent(wanted::write);
    if (image.isEmpty()) {
      if (save.isEmpty()) {
        throw new BenchException("neither an IMAGE to replay on nor --save FILE is given");
      }
      return 0;
    }
    try (LoadGenerator generator = server.generator();
        var interruption = new Interruption()) {
      LazyImage found = nodes.image(generator, ImageName.parse(image.get()), server.headers());
      var replay = new Replay(wanted, found);
      List<PlannedCall> plan = replay.plan(speed);
      PrintWriter out = spec.commandLine().getOut();
      out.printf(
          "%d of %d requests; %d layers are the recorded ones, %d stand for others%n",
          plan.size(), wanted.events().size(), replay.map().exact(), replay.map().guessed());
      return result.report(
          nodes.run(found, plan, server, result.label("server"), interruption::requested));
    }
  }
}
