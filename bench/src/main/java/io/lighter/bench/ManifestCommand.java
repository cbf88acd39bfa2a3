package io.lighter.bench;

import io.lighter.bench.load.Call;
import io.lighter.bench.load.Limit;
import io.lighter.bench.load.LoadGenerator;
import io.lighter.bench.load.Target;
import io.lighter.bench.work.Bench;
import io.lighter.bench.work.Registry;
import io.lighter.oci.Digest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lighter bench manifest}: HEAD and GET of a manifest by tag and by digest. */
@Command(
    name = "manifest",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measures HEAD and GET of a manifest, by its tag and by its digest.")
final class ManifestCommand implements Callable<Integer> {
  @Parameters(paramLabel = "IMAGE", description = "HOST[:PORT]/NAME[:TAG|@DIGEST].")
  private String image = "";

  @Option(
      names = "--connections",
      paramLabel = "N",
      description = "Connections at a time (default: 8).")
  private int connections = 8;

  @Option(names = "--new-connections", description = "Make a connection for each request.")
  private boolean newConnections;

  @Option(
      names = "--duration",
      converter = Seconds.class,
      paramLabel = "TIME",
      description = "How long each kind of request is measured (default: 3s).")
  private Duration duration = Duration.ofSeconds(3);

  @Option(
      names = "--warm-up",
      converter = Seconds.class,
      paramLabel = "TIME",
      description = "How long before that (default: 1s).")
  private Duration warmUp = Duration.ofSeconds(1);

  @Mixin private ServerOptions server = new ServerOptions();
  @Mixin private ResultOptions result = new ResultOptions();

  @Override
  public Integer call() {
    ImageName name = ImageName.parse(image);
    var results = new ArrayList<Bench.Result>();
    try (LoadGenerator generator = server.generator();
        var interruption = new Interruption()) {
      Target plain = Target.of(name.server(), server.headers());
      Target target = newConnections ? plain.withNewConnections() : plain;
      var registry = new Registry(generator, plain, name.repository());
      String reference = name.reference().toString();
      Digest digest = Digest.ofSha256(registry.manifest(reference).content());
      var bench =
          new Bench(generator, server.pids(), warmUp, Limit.of(duration), interruption::requested);
      List<String> references =
          name.reference() instanceof Digest
              ? List.of(reference)
              : List.of(reference, digest.toString());
      for (String asked : references) {
        for (String method : List.of("HEAD", "GET")) {
          if (!interruption.requested()) {
            String work = method + (asked.indexOf(':') < 0 ? " tag" : " digest");
            Supplier<Call> calls = registry.manifestCalls(method, asked, digest);
            results.add(bench.run(result.label("server"), work, target, connections, calls));
          }
        }
      }
      return result.report(results);
    }
  }
}
