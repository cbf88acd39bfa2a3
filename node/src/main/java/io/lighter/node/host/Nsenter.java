package io.lighter.node.host;

import io.lighter.node.NodeException.HostFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Runs commands in the namespaces of process 1. In a pod that takes {@code hostPID}, a privileged
 * container and an image with {@code nsenter} of util-linux in it.
 */
public final class Nsenter implements HostCommands {
  private static final int TIMED_OUT = 124;
  private final List<String> entrance;

  /** Where hosts have their programs; a container's says where it has its own. */
  private static final String PATH_OF_HOSTS =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private Nsenter(List<String> entrance) {
    this.entrance = entrance;
  }

  /** For a process in a pod, which enters the namespaces of process 1 first. */
  public static Nsenter intoProcessOne(String nsenter) {
    return new Nsenter(List.of(nsenter, "-t", "1", "-m", "-u", "-i", "-n", "-p", "--"));
  }

  /** For a process that runs on the host itself. */
  public static Nsenter alreadyThere() {
    return new Nsenter(List.of());
  }

  @Override
  public Outcome run(Duration limit, List<String> command) {
    var all = new ArrayList<>(entrance);
    all.add("env"); // tells a missing program apart from a missing nsenter: it answers 127
    all.addAll(command);
    try {
      var builder = new ProcessBuilder(all).redirectErrorStream(true);
      if (!entrance.isEmpty()) {
        builder.environment().put("PATH", PATH_OF_HOSTS);
      }
      Process process = builder.start();
      process.getOutputStream().close();
      CompletableFuture<String> output =
          CompletableFuture.supplyAsync(() -> allOf(process), Thread::startVirtualThread);
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        return new Outcome(TIMED_OUT, "not ended after " + limit.toSeconds() + " s");
      }
      return new Outcome(process.exitValue(), output.join());
    } catch (IOException e) {
      throw new HostFailure("cannot run commands on the host", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HostFailure("interrupted while running " + command.getFirst(), e);
    }
  }

  private static String allOf(Process process) {
    try (var stream = process.getInputStream()) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "its output could not be read: " + e;
    }
  }
}
