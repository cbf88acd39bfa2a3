package io.lighter.bench.peer;

import io.lighter.bench.load.BenchException;
import io.lighter.bench.load.LoadGenerator;
import io.lighter.bench.load.Target;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * A server of a comparison, running.
 *
 * @param name in the result
 * @param url where it listens
 * @param pids its processes
 * @param registry whether it takes uploads and manifests
 * @param process to be stopped with it; empty if it was there before
 */
public record Peer(
    String name, URI url, Set<Long> pids, boolean registry, Optional<ServerProcess> process)
    implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(50);

  /** How requests reach it. */
  public Target target() {
    return Target.of(url, List.of());
  }

  /**
   * Waits until it answers.
   *
   * @throws BenchException if it does not, with the end of its log
   */
  Peer awaitReady(LoadGenerator generator) {
    long end = System.nanoTime() + START.toNanos();
    while (true) {
      try {
        if (generator.ask(target(), "GET", "/v2/").status() < 500) {
          return this;
        }
      } catch (BenchException e) {
        boolean over = process.isPresent() && !process.get().alive();
        if (over || System.nanoTime() - end > 0) {
          String words = process.map(ServerProcess::lastWords).orElse("");
          close();
          throw new BenchException("%s did not start\n%s".formatted(name, words), e);
        }
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  @Override
  public void close() {
    process.ifPresent(ServerProcess::close);
  }
}
