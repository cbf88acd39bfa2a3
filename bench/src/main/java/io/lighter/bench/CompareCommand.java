package io.lighter.bench;

import io.lighter.bench.compare.Cell;
import io.lighter.bench.compare.Comparison;
import io.lighter.bench.compare.ComparisonTable;
import io.lighter.bench.compare.Material;
import io.lighter.bench.compare.Work;
import io.lighter.bench.load.Limit;
import io.lighter.bench.load.LoadGenerator;
import io.lighter.bench.peer.Peer;
import io.lighter.bench.report.Machine;
import io.lighter.bench.report.Measurement;
import io.lighter.bench.work.Bench;
import io.lighter.bench.work.ByteSize;
import io.lighter.bench.work.RandomFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lighter bench compare}: Lighter beside nginx, distribution and zot on this machine. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Starts Lighter, nginx, distribution and zot, and measures them in turns.")
final class CompareCommand implements Callable<Integer> {
  private static final String LIGHTER = "lighter";

  @Option(
      names = "--work",
      split = ",",
      paramLabel = "WORK",
      description =
          "Sizes as of bench range, whole, manifest, manifest-head, upload"
              + " (default: 4Ki,50000,64Ki,1Mi,4Mi,8x4Ki,32x4Ki,8x50000,manifest).")
  private List<String> work =
      List.of("4Ki", "50000", "64Ki", "1Mi", "4Mi", "8x4Ki", "32x4Ki", "8x50000", "manifest");

  @Option(
      names = "--connections",
      split = ",",
      paramLabel = "N",
      description = "Connections at a time (default: 8,64). An upload has one.")
  private List<Integer> connections = List.of(8, 64);

  @Option(names = "--rounds", paramLabel = "N", description = "Rounds that count (default: 5).")
  private int rounds = 5;

  @Option(
      names = "--duration",
      converter = Seconds.class,
      paramLabel = "TIME",
      description = "How long each work is measured in a round (default: 1s).")
  private Duration duration = Duration.ofSeconds(1);

  @Option(
      names = "--warm-up",
      converter = Seconds.class,
      paramLabel = "TIME",
      description = "How long it is asked for before that (default: 200ms).")
  private Duration warmUp = Duration.ofMillis(200);

  @Option(
      names = "--prime",
      converter = Seconds.class,
      paramLabel = "TIME",
      description =
          "How long each work is asked of Lighter before the rounds that count, so that the JVM has"
              + " compiled it (default: 3s).")
  private Duration prime = Duration.ofSeconds(3);

  @Option(
      names = "--blob",
      paramLabel = "FILE",
      description = "The blob (default: a random one, see --blob-size).")
  private Optional<Path> blob = Optional.empty();

  @Option(
      names = "--blob-size",
      paramLabel = "SIZE",
      description = "Length of the random blob (default: 256Mi).")
  private String blobSize = "256Mi";

  @Option(
      names = "--upload-size",
      paramLabel = "SIZE",
      description = "Length of the blobs that are uploaded (default: 512Mi).")
  private String uploadSize = "512Mi";

  @Option(names = "--verify", description = "Compare every byte, which costs the client time.")
  private boolean verify;

  @Option(names = "--seed", paramLabel = "N", description = "Of orders and places (default: 1).")
  private long seed = 1;

  @Mixin private RateOption rate = new RateOption();
  @Mixin private PeerOptions peerOptions = new PeerOptions();
  @Mixin private ResultOptions result = new ResultOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    List<Work> works = work.stream().map(Work::parse).toList();
    Limit limit = Limit.of(duration).at(rate.value());
    var peers = new ArrayList<Peer>();
    try (LoadGenerator generator = new ServerOptions().generator();
        var interruption = new Interruption();
        var scratch = new Scratch()) {
      try {
        Path content =
            blob.orElseGet(() -> random(scratch.directory(), ByteSize.parse(blobSize).bytes()));
        var material =
            new Material(
                generator,
                scratch.directory(),
                content,
                verify,
                ByteSize.parse(uploadSize).bytes());
        peerOptions.start(generator, scratch.directory(), material, peers, this::say);
        peers.forEach(material::fill);
        var comparison =
            new Comparison(
                    generator,
                    material,
                    cells(peers, works),
                    warmUp,
                    limit,
                    interruption::requested)
                .supported(LIGHTER, this::say);
        return report(comparison.run(rounds, LIGHTER, prime, seed, this::say));
      } finally {
        peers.forEach(Peer::close);
      }
    }
  }

  private static Path random(Path directory, long size) {
    return new RandomFile(directory.resolve("blob"), size, 1).path();
  }

  private List<Cell> cells(List<Peer> peers, List<Work> works) {
    var cells = new ArrayList<Cell>();
    for (Work one : works) {
      for (int number : one instanceof Work.Upload ? List.of(1) : connections) {
        peers.stream()
            .filter(peer -> peer.registry() || !one.needsRegistry())
            .forEach(peer -> cells.add(new Cell(peer, one, number)));
      }
    }
    return cells;
  }

  private int report(Map<Cell, List<Bench.Result>> results) {
    List<Measurement> measurements = Comparison.measurements(results);
    var table = new ComparisonTable(measurements);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "Medians of %d rounds, TCP congestion control: %s%n%s%n",
        rounds, Machine.congestionControl(), table.medians());
    out.printf("Ratios of the medians; of nginx the better setting counts%n%s", table.ratios());
    results.values().stream().flatMap(List::stream).forEach(one -> result.printErrors(one));
    out.flush();
    result.write(measurements);
    boolean clean = measurements.stream().allMatch(Measurement::clean);
    return clean && !measurements.isEmpty() ? 0 : 1;
  }

  private void say(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(line);
    err.flush();
  }
}
