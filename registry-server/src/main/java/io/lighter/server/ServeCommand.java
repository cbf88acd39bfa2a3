package io.lighter.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lighter serve}: runs the registry until it is told to stop. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = "Runs the registry. Without options: on 127.0.0.1:30500, with data in ./data.")
final class ServeCommand implements Callable<Integer> {

  @Option(names = "--config", paramLabel = "FILE", description = "Configuration file (YAML).")
  private @Nullable Path config;

  @Option(names = "--listen", paramLabel = "HOST:PORT", description = "Address of the registry.")
  private @Nullable String listen;

  @Option(names = "--data", paramLabel = "DIR", description = "Directory that holds everything.")
  private @Nullable String data;

  @Option(
      names = "--upstream",
      paramLabel = "NAME=URL",
      description = "A registry to pull through from; may be repeated.")
  private List<String> upstreams = new ArrayList<>();

  @Option(names = "--no-upstreams", description = "Pull through from nowhere.")
  private boolean noUpstreams;

  @Override
  public Integer call() throws InterruptedException {
    ServerConfig loaded =
        ConfigLoader.load(
            new ConfigLoader.CommandLine(
                Optional.ofNullable(config),
                Optional.ofNullable(listen),
                Optional.ofNullable(data),
                upstreams,
                noUpstreams),
            System.getenv());
    loaded.logging().format().install(loaded.logging().access());
    var application = Application.start(loaded);
    // SIGTERM and Ctrl-C run this hook. Without the halt the exit code would say "killed", although
    // everything ended in order.
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(() -> {
                  application.close();
                  Runtime.getRuntime().halt(0);
                }));
    new CountDownLatch(1).await();
    return 0;
  }
}
