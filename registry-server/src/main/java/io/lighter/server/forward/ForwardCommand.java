package io.lighter.server.forward;

import io.lighter.server.command.TimeSpanOption;
import io.lighter.server.config.ConfigException;
import io.lighter.server.config.ListenAddress;
import io.lighter.server.observe.LogFormat;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lighter forward}: leads connections to a Lighter elsewhere, until it is told to stop. */
@Command(
    name = "forward",
    mixinStandardHelpOptions = true,
    description = "Leads connections to a registry elsewhere, and holds them while it restarts.")
public final class ForwardCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(ForwardCommand.class);

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:30500",
      description = "Where clients connect; ${DEFAULT-VALUE}.")
  private String listen = "";

  @Option(
      names = "--to",
      required = true,
      paramLabel = "HOST[:PORT]",
      description = "Where they are led; by default to the same port.")
  private String to = "";

  @Option(names = "--tls", description = "The target speaks TLS.")
  private boolean tls;

  @Option(
      names = "--hold",
      paramLabel = "DURATION",
      defaultValue = "15s",
      converter = TimeSpanOption.class,
      description =
          "How long after the target has gone away connections wait for it; ${DEFAULT-VALUE}.")
  private Duration hold = Duration.ZERO;

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      defaultValue = "2048",
      description = "Most connections at once; ${DEFAULT-VALUE}.")
  private int maxConnections;

  @Override
  public Integer call() throws InterruptedException {
    if (maxConnections < 1) {
      throw new ConfigException(
          "--max-connections: %d is not allowed; allowed: 1 or more".formatted(maxConnections));
    }
    ListenAddress address = parsed("--listen", listen, ListenAddress::parse);
    ListenAddress target = parsed("--to", to, text -> target(text, address.port()));
    LogFormat.TEXT.install(false);
    var forwarder =
        ForwardVerticle.open(
            new ForwardVerticle.Settings(address, target, tls, hold, maxConnections));
    LOG.info(
        "forwarding {} to {}; connections wait {} s for it, {} at most",
        address,
        target,
        hold.toMillis() / 1000.0,
        maxConnections);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .unstarted(() -> {
                  forwarder.close();
                  Runtime.getRuntime().halt(0);
                }));
    new CountDownLatch(1).await();
    return 0;
  }

  /**
   * An address of a Service, as Kubernetes puts it into the environment, has no port and no
   * brackets.
   */
  private static ListenAddress target(String text, int port) {
    int colon = text.indexOf(':');
    boolean alone = colon < 0 || (!text.startsWith("[") && text.indexOf(':', colon + 1) >= 0);
    return alone ? new ListenAddress(text, port) : ListenAddress.parse(text);
  }

  private static <T> T parsed(String option, String text, Function<String, T> parse) {
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(option + ": " + e.getMessage());
    }
  }
}
