package io.lighter.bench;

import io.lighter.bench.load.LoadGenerator;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** Options about the server that is measured. */
final class ServerOptions {
  @Option(
      names = "--pid",
      split = ",",
      paramLabel = "PID",
      description =
          "Processes of the server, whose processor time is measured with their children's.")
  private Set<Long> pids = new LinkedHashSet<>();

  @Option(
      names = {"-H", "--header"},
      paramLabel = "'NAME: VALUE'",
      description = "A header of every request, such as 'Authorization: Bearer …'.")
  private List<String> headers = new ArrayList<>();

  @Option(names = "--insecure", description = "Do not check the server's certificate.")
  private boolean insecure;

  @Option(
      names = "--timeout",
      converter = Seconds.class,
      paramLabel = "TIME",
      description = "How long a request may take (default: 30s).")
  private Duration timeout = Duration.ofSeconds(30);

  Set<Long> pids() {
    return pids;
  }

  List<String> headers() {
    return headers;
  }

  LoadGenerator generator() {
    // Its own choice would be debug messages among the tables; this one shows warnings, as errors.
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    return new LoadGenerator(timeout, insecure);
  }
}
