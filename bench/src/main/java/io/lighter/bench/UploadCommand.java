package io.lighter.bench;

import io.lighter.bench.load.BenchException;
import io.lighter.bench.load.Call;
import io.lighter.bench.load.Limit;
import io.lighter.bench.load.LoadGenerator;
import io.lighter.bench.load.Target;
import io.lighter.bench.report.Measurement;
import io.lighter.bench.work.Bench;
import io.lighter.bench.work.ByteSize;
import io.lighter.bench.work.RandomFile;
import io.lighter.bench.work.Registry;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lighter bench upload}: PUT of blobs that the registry does not have. */
@Command(
    name = "upload",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measures uploads of new random blobs, one after the other.")
final class UploadCommand implements Callable<Integer> {
  private static final double GIB = 1L << 30;

  @Parameters(
      paramLabel = "REPOSITORY",
      description = "HOST[:PORT]/NAME, into which the blobs are put. They stay there.")
  private String repository = "";

  @Option(names = "--size", paramLabel = "SIZE", description = "Of a blob (default: 512Mi).")
  private String size = "512Mi";

  @Option(names = "--count", paramLabel = "N", description = "How many blobs (default: 5).")
  private int count = 5;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of the content; a registry has what was uploaded with the same seed before.")
  private long seed = System.nanoTime();

  @Mixin private ServerOptions server = new ServerOptions();
  @Mixin private ResultOptions result = new ResultOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    if (count < 1) {
      throw new BenchException("--count %d is not allowed; allowed: 1 or more".formatted(count));
    }
    ImageName name = ImageName.parse(repository);
    var results = new ArrayList<Bench.Result>();
    try (LoadGenerator generator = server.generator();
        var interruption = new Interruption();
        var scratch = new Scratch()) {
      Target target = Target.of(name.server(), server.headers());
      var registry = new Registry(generator, target, name.repository());
      var file =
          new RandomFile(scratch.directory().resolve("blob"), ByteSize.parse(size).bytes(), seed);
      var once = new Limit(Duration.ofDays(1), 1);
      var bench = new Bench(generator, server.pids(), Duration.ZERO, once, interruption::requested);
      for (int i = 0; i < count && !interruption.requested(); i++) {
        file.change();
        Call put = registry.upload(file.digest(), file.path());
        results.add(bench.run(result.label("server"), "upload " + size, target, 1, () -> put));
      }
      int code = result.report(results);
      results.forEach(one -> perGib(one.measurement()));
      return code;
    }
  }

  private void perGib(Measurement one) {
    PrintWriter out = spec.commandLine().getOut();
    one.serverCpu()
        .filter(_ -> one.bytes() > 0)
        .ifPresent(us -> out.printf("server CPU: %.2f s/GiB%n", us / 1e6 / (one.bytes() / GIB)));
    out.flush();
  }
}
