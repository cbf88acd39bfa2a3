package io.lighter.bench;

import io.lighter.bench.load.BenchException;
import io.lighter.bench.load.Limit;
import io.lighter.bench.load.LoadGenerator;
import io.lighter.bench.work.Bench;
import io.lighter.bench.work.Blob;
import io.lighter.bench.work.BlobCalls;
import io.lighter.bench.work.ByteSize;
import io.lighter.bench.work.Portion;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lighter bench range}: ranges of one blob at random places, one size after the other. */
@Command(
    name = "range",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measures ranges of a blob: latency, throughput, processor time, and every byte.")
final class RangeCommand implements Callable<Integer> {
  private static final long FOREVER = Long.MAX_VALUE;

  /** The first warm-up is longer, because this program compiles itself then. */
  private static final Duration PRIME = Duration.ofSeconds(2);

  @Parameters(paramLabel = "BLOB", description = "Its URL, or HOST[:PORT]/NAME@DIGEST.")
  private String blob = "";

  @Option(
      names = "--size",
      split = ",",
      paramLabel = "SIZE",
      description =
          "Sizes of a range, such as 4Ki,50000,1Mi; COUNTxSIZE for several ranges in a request;"
              + " \"whole\" for a request without ranges (default: 4Ki,50000,64Ki,1Mi).")
  private List<String> sizes = List.of("4Ki", "50000", "64Ki", "1Mi");

  @Option(
      names = "--ranges",
      paramLabel = "N",
      description = "Ranges in a request, where the size does not say it (default: 1).")
  private int ranges = 1;

  @Option(
      names = "--align",
      paramLabel = "SIZE",
      description = "Ranges begin at multiples of it; \"size\" for their own size (default: size).")
  private String alignment = "size";

  @Option(
      names = "--connections",
      split = ",",
      paramLabel = "N",
      description = "Connections at a time (default: 8).")
  private List<Integer> connections = List.of(8);

  @Option(names = "--new-connections", description = "Make a connection for each request.")
  private boolean newConnections;

  @Option(
      names = "--duration",
      converter = Seconds.class,
      paramLabel = "TIME",
      description = "How long each size is measured (default: 3s).")
  private Duration duration = Duration.ofSeconds(3);

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "End after as many requests, however long they take.")
  private long count = FOREVER;

  @Option(
      names = "--warm-up",
      converter = Seconds.class,
      paramLabel = "TIME",
      description = "How long each size is asked for before it is measured (default: 500ms).")
  private Duration warmUp = Duration.ofMillis(500);

  @Option(
      names = "--verify",
      paramLabel = "FILE",
      description = "Compare every byte of every answer with this file.")
  private Optional<Path> verify = Optional.empty();

  @Option(names = "--seed", paramLabel = "N", description = "Of the random places (default: 1).")
  private long seed = 1;

  @Mixin private RateOption rate = new RateOption();
  @Mixin private ServerOptions server = new ServerOptions();
  @Mixin private ResultOptions result = new ResultOptions();

  @Override
  public Integer call() {
    List<Portion> portions = sizes.stream().map(size -> Portion.parse(size, ranges)).toList();
    if (connections.stream().anyMatch(n -> n < 1 || n > 10_000)) {
      throw new BenchException("--connections %s: allowed are 1 to 10000".formatted(connections));
    }
    double perSecond = rate.value();
    var results = new ArrayList<Bench.Result>();
    try (LoadGenerator generator = server.generator();
        var interruption = new Interruption()) {
      URI url = BlobUrl.of(blob);
      Blob found = Blob.find(generator, url, server.headers(), verify);
      Blob asked = newConnections ? found.on(found.target().withNewConnections()) : found;
      Duration longest = count == FOREVER ? duration : Duration.ofNanos(Long.MAX_VALUE);
      var limit = new Limit(longest, count, perSecond);
      for (int number : connections) {
        for (Portion portion : portions) {
          if (!interruption.requested()) {
            Duration before = results.isEmpty() && !warmUp.isZero() ? PRIME.plus(warmUp) : warmUp;
            var bench = new Bench(generator, server.pids(), before, limit, interruption::requested);
            results.add(measure(bench, asked, portion, number));
          }
        }
      }
      return result.report(results);
    }
  }

  private Bench.Result measure(Bench bench, Blob asked, Portion portion, int number) {
    var calls = new BlobCalls(asked, portion, alignment(portion), seed);
    return bench.run(result.label("server"), portion.toString(), asked.target(), number, calls);
  }

  private long alignment(Portion portion) {
    return switch (portion) {
      case Portion.Whole() -> 1;
      case Portion.Ranges(ByteSize size, _) ->
          alignment.equals("size") ? size.bytes() : ByteSize.parse(alignment).bytes();
    };
  }
}
