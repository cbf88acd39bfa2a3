package io.lighter.bench.readiness;

import io.lighter.bench.load.BenchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Processes of this machine, or of the node around the pod that this program runs in. The latter
 * takes a privileged container with {@code hostPID}, and {@code nsenter} in its image.
 */
final class ProcessShell implements NodeShell {
  private static final int TIMED_OUT = 124;

  /** Where nodes have their programs; the pod's own variable says where the pod has them. */
  private static final String PATH_OF_NODES =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final List<String> entrance;
  private final Path root;

  private ProcessShell(List<String> entrance, Path root) {
    this.entrance = entrance;
    this.root = root;
  }

  /** For a program that runs on the node itself. */
  static ProcessShell here() {
    return new ProcessShell(List.of(), Path.of("/"));
  }

  /** Enters the namespaces of a process of the node first. */
  static ProcessShell into(long process) {
    return new ProcessShell(
        List.of("nsenter", "-t", Long.toString(process), "-m", "-u", "-i", "-n", "--"),
        Path.of("/proc/" + process + "/root"));
  }

  @Override
  public Path file(String path) {
    return root.resolve(Path.of("/").relativize(Path.of(path).toAbsolutePath()));
  }

  @Override
  public Outcome run(Duration limit, List<String> command) {
    var all = new ArrayList<>(entrance);
    all.addAll(command);
    var builder = new ProcessBuilder(all);
    if (!entrance.isEmpty()) {
      builder.environment().put("PATH", PATH_OF_NODES); // nsenter itself is found by our own
    }
    try {
      // Files, because a server that the command leaves behind would keep a pipe open.
      Path output = Files.createTempFile("lighter-readiness", ".out");
      Path errors = Files.createTempFile("lighter-readiness", ".err");
      try {
        Process process =
            builder.redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
        process.getOutputStream().close();
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
          process.destroyForcibly();
          return new Outcome(TIMED_OUT, "", "not ended after " + limit.toSeconds() + " s");
        }
        return new Outcome(process.exitValue(), Files.readString(output), Files.readString(errors));
      } finally {
        Files.deleteIfExists(output);
        Files.deleteIfExists(errors);
      }
    } catch (IOException e) {
      throw new BenchException("%s cannot be run: %s".formatted(all.getFirst(), e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted while running " + command.getFirst(), e);
    }
  }
}
