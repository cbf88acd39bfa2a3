package io.lighter.bench;

import io.lighter.bench.compare.Material;
import io.lighter.bench.load.LoadGenerator;
import io.lighter.bench.peer.Peer;
import io.lighter.bench.peer.PeerStarter;
import io.lighter.bench.peer.Programs;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** Options about the servers of a comparison. */
final class PeerOptions {
  @Option(
      names = "--peers",
      split = ",",
      paramLabel = "NAME",
      description = "Which of nginx, distribution, zot are compared with (default: all).")
  private Set<String> wanted = new LinkedHashSet<>(List.of("nginx", "distribution", "zot"));

  @Option(
      names = "--nginx",
      paramLabel = "PROGRAM",
      description = "nginx (default: nginx on the PATH).")
  private Optional<Path> nginx = Optional.empty();

  @Option(
      names = "--distribution",
      paramLabel = "PROGRAM",
      description = "CNCF Distribution (default: registry or docker-registry on the PATH).")
  private Optional<Path> distribution = Optional.empty();

  @Option(names = "--zot", paramLabel = "PROGRAM", description = "zot (default: zot on the PATH).")
  private Optional<Path> zot = Optional.empty();

  @Option(
      names = "--lighter",
      split = " ",
      paramLabel = "COMMAND",
      description =
          "How Lighter is started, before \"serve\" (default: as this process was)."
              + " Its settings come from the environment.")
  private List<String> lighter = List.of();

  @Option(
      names = "--lighter-url",
      paramLabel = "URL",
      description = "A Lighter that runs already; it is pushed to.")
  private Optional<URI> lighterUrl = Optional.empty();

  @Option(
      names = "--lighter-pid",
      split = ",",
      paramLabel = "PID",
      description = "Processes of the Lighter that runs already.")
  private Set<Long> lighterPids = Set.of();

  /**
   * Starts what is there.
   *
   * @param peers takes them as they start, so that they are stopped whatever happens
   * @param say hears of what is missing
   */
  void start(
      LoadGenerator generator,
      Path directory,
      Material material,
      List<Peer> peers,
      Consumer<String> say) {
    var starter = new PeerStarter(generator, directory);
    peers.add(
        lighterUrl
            .map(url -> starter.lighter(url, lighterPids))
            .orElseGet(() -> starter.lighter(lighter.isEmpty() ? thisProgram() : lighter)));
    Path root = material.fileRoot();
    add("nginx", nginx, List.of("nginx"), peers, say, p -> starter.nginx(p, true, root));
    add("nginx", nginx, List.of("nginx"), peers, _ -> {}, p -> starter.nginx(p, false, root));
    List<String> names = List.of("registry", "docker-registry");
    add("distribution", distribution, names, peers, say, starter::distribution);
    add("zot", zot, List.of("zot"), peers, say, starter::zot);
  }

  private void add(
      String name,
      Optional<Path> given,
      List<String> programs,
      List<Peer> peers,
      Consumer<String> say,
      Function<Path, Peer> start) {
    if (!wanted.contains(name)) {
      return;
    }
    given
        .or(() -> Programs.onPath().find(programs))
        .ifPresentOrElse(
            program -> peers.add(start.apply(program)),
            () ->
                say.accept(
                    "%s is left out: no %s on the PATH; --%s PROGRAM says where it is"
                        .formatted(name, String.join(" or ", programs), name)));
  }

  /** The command line of this process up to its own arguments, without its AOT cache's options. */
  private static List<String> thisProgram() {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    String main = System.getProperty("sun.java.command", "").split(" ", 2)[0];
    if (main.endsWith(".jar")) {
      command.addAll(List.of("-jar", Path.of(main).toAbsolutePath().toString()));
    } else {
      command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    }
    return command;
  }
}
