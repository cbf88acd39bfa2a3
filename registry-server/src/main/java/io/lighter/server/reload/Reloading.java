package io.lighter.server.reload;

import io.lighter.server.config.ConfigChange;
import io.lighter.server.config.ConfigException;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.server.tls.TlsException;
import io.lighter.server.upstream.InvalidSettingException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the configuration again while the server runs, and has what can change without a restart
 * take effect. A configuration with any mistake changes nothing. Thread-safe; one reading at a
 * time.
 */
public final class Reloading {
  private static final Logger LOG = LoggerFactory.getLogger(Reloading.class);

  private final Supplier<ServerConfig> load;
  private final Consumer<ServerConfig> apply;
  private final RegistryMetrics metrics;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private ServerConfig running; // guarded by lock
  private volatile State state;

  /**
   * How it stands.
   *
   * @param readAt when the configuration was last read without a mistake
   * @param problem what was wrong with it since; empty if nothing was
   * @param restart keys that have changed and wait for a restart
   */
  public record State(Instant readAt, Optional<String> problem, List<String> restart) {
    public State {
      restart = List.copyOf(restart);
    }
  }

  /**
   * Reads nothing yet.
   *
   * @param running what the server was started with
   * @param load reads the file and all else that the configuration is made of
   * @param apply has a configuration take effect; if it throws, nothing has changed
   */
  public Reloading(
      ServerConfig running,
      Supplier<ServerConfig> load,
      Consumer<ServerConfig> apply,
      RegistryMetrics metrics,
      Clock clock) {
    this.running = running;
    this.load = load;
    this.apply = apply;
    this.metrics = metrics;
    this.clock = clock;
    this.state = new State(clock.instant(), Optional.empty(), List.of());
    metrics.gauge(
        "lighter.config.last.success.seconds",
        "When the configuration was last read without a mistake, in seconds since 1970",
        () -> state.readAt().getEpochSecond());
    metrics.gauge(
        "lighter.config.restart.keys",
        "Keys of the configuration that have changed and wait for a restart",
        () -> state.restart().size());
    metrics.configReloads();
  }

  /** What is in force now. */
  public ServerConfig running() {
    lock.lock();
    try {
      return running;
    } finally {
      lock.unlock();
    }
  }

  /** How it stands now. */
  public State state() {
    return state;
  }

  /**
   * Reads the configuration again.
   *
   * @return what has changed by that, and what needs a restart
   * @throws ConfigException if there is anything wrong with it; then nothing has changed
   */
  public ConfigChange run() {
    lock.lock();
    try {
      ServerConfig loaded = load.get();
      loaded.requireFiles();
      var change = ConfigChange.between(running, loaded);
      if (!change.changed().isEmpty()) {
        apply.accept(change.effective());
      }
      running = change.effective();
      state = new State(clock.instant(), Optional.empty(), change.restart());
      metrics.configReloaded(true);
      log(change);
      return change;
    } catch (ConfigException | InvalidSettingException | TlsException e) {
      String problem = String.valueOf(e.getMessage());
      state = new State(state.readAt(), Optional.of(problem), state.restart());
      metrics.configReloaded(false);
      LOG.warn("{}; what was read before stays in force", problem);
      throw e instanceof ConfigException wrong ? wrong : new ConfigException(problem);
    } finally {
      lock.unlock();
    }
  }

  private static void log(ConfigChange change) {
    LOG.info(
        change.changed().isEmpty()
            ? "the configuration was read again; nothing changes"
            : "the configuration was read again; in force from now on: {}",
        String.join(", ", change.changed()));
    if (!change.restart().isEmpty()) {
      LOG.warn("needs a restart: {}", String.join(", ", change.restart()));
    }
  }
}
